import type { MiddlewareHandler } from 'hono';

/** Of an export: whether there are more rows than the file holds. */
export const truncatedHeader = 'X-Command-Center-Truncated';

/** What the console may load and where it may connect: its own origin, and the live socket where that has another. */
export function consolePolicy(liveUrl: string | null): string {
  const live = liveUrl !== null && URL.canParse(liveUrl) ? ` ${new URL(liveUrl).origin.replace(/^http/, 'ws')}` : '';
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    // Chart layers place their marks with style attributes.
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src 'self'${live}`,
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** Headers of every answer; a route that sets one of them itself keeps its own. */
export function securityHeaders(policy: string): MiddlewareHandler {
  const always: Readonly<Record<string, string>> = {
    'Cache-Control': 'no-store',
    'Content-Security-Policy': policy,
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
  };
  return async (c, next) => {
    await next();
    for (const [name, value] of Object.entries(always)) if (!c.res.headers.has(name)) c.res.headers.set(name, value);
    if (new URL(c.req.url).protocol === 'https:' && !c.res.headers.has('Strict-Transport-Security')) {
      c.res.headers.set('Strict-Transport-Security', 'max-age=31536000');
    }
  };
}
