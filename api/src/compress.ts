import type { MiddlewareHandler } from 'hono';
import type { ApiEnv, Deps } from './deps.ts';

/** Bytes below which gzip saves nothing that a packet would notice. */
const LEAST_BYTES = 1_024;
const wantsGzip = /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/i;

/**
 * Gzips whole answers for who takes them. In place of Hono's own, which hands the client a stream: one that goes away in the middle cancels it, and the
 * compressor, which writes once more, then ends the process (Node 24: "Controller is already closed"). Our answers are whole before the first byte,
 * but for exports, which stay as they are.
 */
export function compress(gzip: NonNullable<Deps['gzip']> = gzipped): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    await next();
    c.res.headers.append('Vary', 'Accept-Encoding');
    if (!wantsGzip.test(c.req.header('Accept-Encoding') ?? '') || c.req.method === 'HEAD') return;
    const { res } = c;
    if (c.get('isStreamed') === true || res.body === null || res.headers.has('Content-Encoding')) return;
    const plain = new Uint8Array(await res.arrayBuffer());
    const headers = new Headers(res.headers);
    const { status, statusText } = res;
    const isWorth = plain.byteLength >= LEAST_BYTES;
    if (isWorth) {
      headers.set('Content-Encoding', 'gzip');
      headers.delete('Content-Length');
    }
    c.res = undefined;
    c.res = new Response(isWorth ? await gzip(plain) : plain, { status, statusText, headers });
  };
}

/** What every runtime has. */
async function gzipped(plain: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([plain]).stream().pipeThrough(new CompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
