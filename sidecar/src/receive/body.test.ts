import http from 'node:http';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { INFLATE_CHUNK_BYTES } from '../limits.ts';
import { type Body, readBody } from './body.ts';
import { Reservation } from './reservation.ts';
import { recordingExporter } from './testing/recordingExporter.ts';

const MEBIBYTE = 2 ** 20;

/** What `readBody` makes of one request. */
async function bodyOf(encoding: string, sent: Buffer, limit: number, exporter = recordingExporter()): Promise<Body> {
  const { promise, resolve } = Promise.withResolvers<Body>();
  const server = http.createServer((request, response) => {
    const reservation = new Reservation(exporter);
    readBody(request, encoding, limit, reservation).then((body) => {
      reservation.release();
      response.end();
      resolve(body);
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
  const request = http.request({ host: '127.0.0.1', port, method: 'POST' }, (response) => response.resume());
  request.on('error', () => undefined);
  request.end(sent);
  const body = await promise;
  request.destroy();
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
  return body;
}

describe('bounded decompression', () => {
  for (const [encoding, compress] of [
    ['gzip', gzipSync],
    ['zstd', zstdCompressSync],
  ] as const) {
    it(`stops a ${encoding} bomb at the limit: what is inflated past it is less than a chunk`, async () => {
      const bomb = compress(Buffer.alloc(64 * MEBIBYTE));
      expect(bomb.length).toBeLessThan(MEBIBYTE);
      const exporter = recordingExporter();
      const body = await bodyOf(encoding, bomb, MEBIBYTE, exporter);
      expect(body).toMatchObject({ outcome: 'refused', reason: 'too_large' });
      const inflated = body.outcome === 'refused' ? body.decompressedBytes : 0;
      expect(inflated).toBeGreaterThan(MEBIBYTE);
      // zstd gives its output in blocks of 128 KiB, whatever chunk is asked for.
      expect(inflated).toBeLessThanOrEqual(MEBIBYTE + 2 * INFLATE_CHUNK_BYTES);
      expect(exporter.peakBytes).toBeLessThanOrEqual(MEBIBYTE);
      expect(exporter.reservedBytes).toBe(0);
    });
  }

  it('holds exactly what a complete body has', async () => {
    const exporter = recordingExporter();
    const sent = Buffer.alloc(700_000, 'x');
    const body = await bodyOf('gzip', gzipSync(sent), MEBIBYTE, exporter);
    expect(body).toEqual({ outcome: 'complete', bytes: sent });
  });

  it('gives up as soon as there is no room, however much was sent before', async () => {
    const exporter = recordingExporter(600_000);
    exporter.reserve(1);
    const body = await bodyOf('gzip', gzipSync(Buffer.alloc(MEBIBYTE)), MEBIBYTE, exporter);
    expect(body).toMatchObject({ outcome: 'refused', reason: 'overloaded' });
    expect(exporter.reservedBytes).toBe(1);
  });

  it('takes an empty body as empty in any encoding', async () => {
    expect(await bodyOf('gzip', Buffer.alloc(0), MEBIBYTE)).toEqual({ outcome: 'complete', bytes: Buffer.alloc(0) });
  });
});
