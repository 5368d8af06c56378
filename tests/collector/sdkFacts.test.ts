import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from 'node:http';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { exported, makeExports } from './sdk.ts';

/** What the JS HTTP exporters (0.301) do with an answer (otlp-reference.md §A): the sidecar's answers rest on it. */

interface Seen {
  readonly atMs: number;
  readonly headers: IncomingHttpHeaders;
}

const TOO_LONG_BYTES = 4 * 2 ** 20 + 1;
const CONCURRENCY_LIMIT = 30;

let logs: ReadableLogRecord[];
let server: Server;
let exporter: OTLPLogExporter;

beforeAll(async () => {
  logs = (await makeExports('sdk-facts', 1)).flatMap((each) => [...each.logs]);
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await exporter.shutdown();
});

/** A receiver of the test's own; gives what it saw. */
async function receiver(answer: RequestListener, options: { readonly timeoutMillis?: number } = {}): Promise<Seen[]> {
  const seen: Seen[] = [];
  server = createServer((request, response) => {
    seen.push({ atMs: performance.now(), headers: request.headers });
    request.resume().on('end', () => answer(request, response));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no address');
  exporter = new OTLPLogExporter({ url: `http://127.0.0.1:${address.port}/v1/logs`, ...options });
  return seen;
}

const always =
  (status: number, headers: Readonly<Record<string, string>> = {}): RequestListener =>
  (_, response) =>
    response.writeHead(status, headers).end();

/** The status first, then success. */
function onceThenSuccess(status: number, headers: Readonly<Record<string, string>>): RequestListener {
  let isFirst = true;
  return (_, response) => {
    response.writeHead(isFirst ? status : 200, isFirst ? headers : {}).end();
    isFirst = false;
  };
}

const gaps = (seen: readonly Seen[]): number[] =>
  seen.slice(1).map(({ atMs }, index) => atMs - (seen[index]?.atMs ?? 0));

describe('waits of the JS HTTP exporters', () => {
  it('without a hint: 1 s, then 1.5 times as long, within a fifth, for as long as the next wait fits into 10 s', {
    timeout: 20_000,
  }, async () => {
    const seen = await receiver(always(503));
    const { isSuccess, elapsedMs } = await exported(exporter, logs);
    expect(isSuccess).toBe(false);
    expect(elapsedMs).toBeLessThan(12_000);
    const waits = gaps(seen);
    expect(waits).toHaveLength(4);
    waits.forEach((wait, index) => {
      const expected = 1_000 * 1.5 ** index;
      expect(wait).toBeGreaterThan(expected * 0.79);
      expect(wait).toBeLessThan(expected * 1.2 + 1_000);
    });
  });

  it('five retries at most', async () => {
    const seen = await receiver(always(503, { 'retry-after': '0' }));
    expect((await exported(exporter, logs)).isSuccess).toBe(false);
    expect(seen).toHaveLength(6);
  });

  it.each([
    { hint: '2', minMs: 1_990, maxMs: 3_900 },
    { hint: '0', minMs: 0, maxMs: 790 },
    // No date and no number: at once, unlike the collector, which falls back on its own wait.
    { hint: 'soon', minMs: 0, maxMs: 790 },
    // Read as whole seconds, unlike the collector, which ignores it.
    { hint: '1.99', minMs: 990, maxMs: 1_950 },
  ])('a hint of $hint seconds is taken as it is', async ({ hint, minMs, maxMs }) => {
    const seen = await receiver(onceThenSuccess(429, { 'retry-after': hint }));
    expect((await exported(exporter, logs)).isSuccess).toBe(true);
    const [wait = -1] = gaps(seen);
    expect(wait).toBeGreaterThanOrEqual(minMs);
    expect(wait).toBeLessThan(maxMs);
  });

  it('a hint past what is left of its 10 s: dropped at once', async () => {
    const seen = await receiver(always(503, { 'retry-after': '11' }));
    const { isSuccess, elapsedMs } = await exported(exporter, logs);
    expect(isSuccess).toBe(false);
    expect(elapsedMs).toBeLessThan(1_000);
    expect(seen).toHaveLength(1);
  });

  it('no answer in time: tried again within the same patience, then dropped', async () => {
    const seen = await receiver(() => undefined, { timeoutMillis: 700 });
    const { isSuccess, elapsedMs } = await exported(exporter, logs);
    expect(isSuccess).toBe(false);
    expect(elapsedMs).toBeLessThan(2_000);
    expect(seen).toHaveLength(1);
  });
});

describe('requests and answers of the JS HTTP exporters', () => {
  it('the body is chunked and not compressed unless asked for', async () => {
    const seen = await receiver(always(200));
    expect((await exported(exporter, logs)).isSuccess).toBe(true);
    expect(seen[0]?.headers).toMatchObject({
      'transfer-encoding': 'chunked',
      'content-type': 'application/x-protobuf',
      'user-agent': 'OTel-OTLP-Exporter-JavaScript/0.301.0',
    });
    expect(seen[0]?.headers).not.toHaveProperty('content-encoding');
    expect(seen[0]?.headers).not.toHaveProperty('content-length');
  });

  it('a success with a body that is none of OTLP is a success', async () => {
    await receiver((_, response) => response.end('not protobuf'));
    expect((await exported(exporter, logs)).isSuccess).toBe(true);
  });

  it('an answer over 4 MiB is a failure, whatever its status', async () => {
    await receiver((_, response) => response.end(Buffer.alloc(TOO_LONG_BYTES)));
    expect((await exported(exporter, logs)).isSuccess).toBe(false);
  });

  it.each([301, 302, 307, 308])('a redirect (%i) is not followed: dropped', async (status) => {
    const seen = await receiver(always(status, { location: '/v1/logs' }));
    expect((await exported(exporter, logs)).isSuccess).toBe(false);
    expect(seen).toHaveLength(1);
  });

  it('30 exports may be under way; the next one is dropped at once', async () => {
    const held: (() => void)[] = [];
    const seen = await receiver((_, response) => void held.push(() => response.writeHead(200).end()));
    const underWay = Array.from({ length: CONCURRENCY_LIMIT }, () => exported(exporter, logs));
    expect((await exported(exporter, logs)).isSuccess).toBe(false);
    await expect.poll(() => held.length).toBe(CONCURRENCY_LIMIT);
    for (const answer of held) answer();
    expect((await Promise.all(underWay)).every(({ isSuccess }) => isSuccess)).toBe(true);
    expect(seen).toHaveLength(CONCURRENCY_LIMIT);
  });
});
