import type { Signal } from '@command-center/sidecar/decode/records';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Fault, type FaultyDoor, faultyGrpc, faultyHttp, inOrder, type Plan } from '../collector/faults.ts';
import { exported, makeExports, storedExports } from '../collector/sdk.ts';
import { openStage, type Stage } from '../collector/stage.ts';
import { type Encoding, encodings } from '../e2e/client.ts';

/** otlp-conformance item 30, with the official exporters of the JavaScript SDK. */

const EXPORTS = 18;
const signals: readonly Signal[] = ['metrics', 'logs', 'traces'];
const once = Array.from({ length: EXPORTS }, () => 1);

let stage: Stage | undefined;
let door: FaultyDoor | undefined;
beforeAll(() => {
  vi.stubEnv('OTEL_EXPORTER_OTLP_COMPRESSION', 'gzip');
});
afterAll(() => {
  vi.unstubAllEnvs();
});
afterEach(async () => {
  await door?.close();
  await stage?.close();
  door = undefined;
  stage = undefined;
});

/** All exports of all signals through a door that fails as planned; the exporters' word on each. */
async function exportAll(encoding: Encoding, service: string, plan: Plan) {
  stage = await openStage();
  const { grpc, http } = stage.sidecar();
  door = encoding.name === 'gRPC' ? await faultyGrpc(grpc, plan) : await faultyHttp(http, plan);
  const doors = { grpc: door.address, http: `http://${door.address}` };
  const exporters = { metrics: encoding.metrics(doors), logs: encoding.logs(doors), traces: encoding.spans(doors) };
  const results: Record<Signal, number[]> = { metrics: [], logs: [], traces: [] };
  const made = await makeExports(service, EXPORTS);
  // At once, as an SDK under load; the order of arrival is anyone's.
  await Promise.all(
    made.map(async ({ metrics, logs, traces }, index) => {
      const [m, l, t] = await Promise.all([
        exported(exporters.metrics, metrics),
        exported(exporters.logs, [...logs]),
        exported(exporters.traces, [...traces]),
      ]);
      results.metrics[index] = Number(m.isSuccess);
      results.logs[index] = Number(l.isSuccess);
      results.traces[index] = Number(t.isSuccess);
    }),
  );
  await Promise.all(Object.values(exporters).map((exporter) => exporter.shutdown()));
  return { results, stored: await storedExports(stage.sql, service, EXPORTS), attempts: door.attempts };
}

const [grpc, ...overHttp] = encodings;

describe('the JS gRPC exporter never retries', () => {
  const faults: readonly Fault[] = [1, 4, 8, 10, 11, 14, 15].flatMap((status) => [{ status }, { status, hint: '1' }]);

  it('the loss is exactly its failed exports, and the ledger says so', { timeout: 60_000 }, async () => {
    if (grpc === undefined) throw new Error('no encoding');
    const { results, stored, attempts } = await exportAll(grpc, 'sdk-grpc', inOrder(faults));
    expect(stored).toEqual(results);
    expect(signals.flatMap((signal) => results[signal]).filter((success) => success === 0)).toHaveLength(faults.length);
    expect(attempts).toHaveLength(3 * EXPORTS);
  });

  it('an export that failed after it was stored is no loss', { timeout: 60_000 }, async () => {
    if (grpc === undefined) throw new Error('no encoding');
    const plan = inOrder(Array.from({ length: 6 }, () => ({ status: 14, isStored: true })));
    const { results, stored } = await exportAll(grpc, 'sdk-answer-lost', plan);
    expect(signals.flatMap((signal) => results[signal]).filter((success) => success === 0)).toHaveLength(6);
    expect(stored).toEqual({ metrics: once, logs: once, traces: once });
  });
});

describe.each(overHttp)('the JS $name exporter', (encoding) => {
  const service = `sdk-${encoding.name.toLowerCase().replace('/', '-')}`;

  it('retries 429, 502, 503, 504 and cut connections: nothing lost, nothing doubled', { timeout: 60_000 }, async () => {
    const faults: Fault[] = [
      ...[429, 502, 503, 504].flatMap((status) => [
        { status, hint: '0' },
        { status, hint: '1' },
        { status, hint: '0', isStored: true },
      ]),
      { status: 503 },
      { status: 'cut' },
      { status: 'cut', isStored: true },
    ];
    const { results, stored, attempts } = await exportAll(encoding, service, inOrder(faults));
    expect(results).toEqual({ metrics: once, logs: once, traces: once });
    expect(stored).toEqual(results);
    expect(attempts).toHaveLength(3 * EXPORTS + faults.length);
  });

  it('drops on every other status, and on a hint past its patience: the loss is exactly its failed exports', {
    timeout: 60_000,
  }, async () => {
    const faults: Fault[] = [
      ...[400, 401, 404, 413, 415, 500].map((status) => ({ status })),
      { status: 503, hint: '11' },
      { status: 429, hint: new Date(Date.now() + 60_000).toUTCString() },
    ];
    const { results, stored, attempts } = await exportAll(encoding, service, inOrder(faults));
    expect(stored).toEqual(results);
    expect(signals.flatMap((signal) => results[signal]).filter((success) => success === 0)).toHaveLength(faults.length);
    expect(attempts).toHaveLength(3 * EXPORTS);
  });
});
