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

/**
 * The origin that browsers know us by, for the address that an identity provider sends them back to. Proxies that end TLS are believed in two things,
 * neither of which can lead anywhere new: X-Forwarded-Host where it names an allowed origin, and X-Forwarded-Proto where it says https.
 */
export function publicOrigin(request: Request, allowedOrigins: readonly string[]): string {
  const url = new URL(request.url);
  const hosts = [firstOf(request.headers.get('x-forwarded-host')), url.host];
  for (const host of hosts) {
    const allowed = allowedOrigins.find((origin) => new URL(origin).host === host);
    if (allowed !== undefined) return allowed;
  }
  if (firstOf(request.headers.get('x-forwarded-proto')) === 'https') url.protocol = 'https:';
  return url.origin;
}

/** Each proxy on the way adds its own after a comma; the first is the one that the browser spoke to. */
function firstOf(header: string | null): string {
  return header?.split(',')[0]?.trim().toLowerCase() ?? '';
}

/** Whether a cookie for this URL may be Secure: everywhere but on loopback over plain HTTP, where browsers would drop it. */
export function mustBeSecure(url: URL): boolean {
  return !(url.protocol === 'http:' && isLoopback(url.hostname));
}
