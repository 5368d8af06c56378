import type { MiddlewareHandler } from 'hono';
import { etag } from 'hono/etag';

/** Weak: the tag is of what is answered, in whichever encoding it travels. */
const tagged = etag({ weak: true });

/**
 * Lets a browser keep an answer and ask whether it is still good (RFC 9110 §13): a poll that finds nothing new is a 304 without a body. What is kept is
 * shown to nobody before that question, which needs an identity. Answers under `volatile` (paths) are never the same twice, or are no
 * whole answers, and are not kept.
 */
export function revalidate(volatile: ReadonlySet<string>): MiddlewareHandler {
  return async (c, next) => {
    if (volatile.has(c.req.path)) return next();
    await tagged(c, next);
    if (!c.res.headers.has('ETag')) return undefined;
    c.res.headers.set('Cache-Control', 'private, no-cache');
    for (const name of ['Authorization', 'Cookie']) c.res.headers.append('Vary', name);
    return undefined;
  };
}
