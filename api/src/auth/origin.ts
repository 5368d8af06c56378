import { isLoopback } from '@command-center/contract/loopback';

/**
 * Whether a request that changes state comes from our own pages (design §7): its Origin is this host or one of the allowed origins. Browsers send
 * Origin with every POST, so its absence is a refusal too. Only the host is compared: behind a load balancer that ends TLS our own scheme is not known.
 */
export function isOwnOrigin(request: Request, allowedOrigins: readonly string[]): boolean {
  const origin = request.headers.get('origin');
  if (origin === null || !URL.canParse(origin)) return false;
  return allowedOrigins.includes(origin) || new URL(origin).host === new URL(request.url).host;
}

/** Whether a cookie for this URL may be Secure: everywhere but on loopback over plain HTTP, where browsers would drop it. */
export function mustBeSecure(url: URL): boolean {
  return !(url.protocol === 'http:' && isLoopback(url.hostname));
}
