import type { IncomingHttpHeaders } from 'node:http';

/**
 * Whether a socket is opened by our own page (interfaces.md §4): its Origin is this host or one of the allowed origins. Browsers always say theirs; what
 * says none is no browser, and has its ticket to show like everybody.
 */
export function isOurPage({ origin, host }: IncomingHttpHeaders, allowedOrigins: readonly string[]): boolean {
  if (origin === undefined) return true;
  if (!URL.canParse(origin)) return false;
  const { host: ofPage } = new URL(origin);
  return allowedOrigins.includes(origin) || (ofPage !== '' && ofPage === host?.toLowerCase());
}
