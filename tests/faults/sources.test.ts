import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { emptyTables, setClock } from './database/simulated.ts';
import { makeStage, type Stage } from './database/stage.ts';
import { readStored } from './ledger/stored.ts';
import { windowKey } from './ledger/windows.ts';
import { encodeRequest } from './senders/encode.ts';
import type { Lane } from './senders/lanes.ts';
import type { MetricItem } from './senders/points.ts';
import { InProcessSidecar } from './sidecars/inProcess.ts';

const NOW_MS = Date.UTC(2026, 0, 15, 6);
const LANE: Lane = { service: 'twice-measured', kind: 'delta', signal: 'metrics', arrival: 'inOrder', steps: [] };

let stage: Stage;
let sidecars: readonly [InProcessSidecar, InProcessSidecar];
const start = () => InProcessSidecar.start({ databaseUrl: stage.url, nowMs: () => NOW_MS, log: () => undefined });
beforeAll(async () => {
  stage = await makeStage();
});
afterAll(() => stage.close());
beforeEach(async () => {
  await emptyTables(stage.sql, false);
  await setClock(stage.sql, NOW_MS);
  sidecars = [await start(), await start()];
  return () => Promise.all(sidecars.map((sidecar) => sidecar.stop()));
});

/** A delta of `count` requests in a minute, by one of the instruments that measure their duration. */
function durations(name: string, minute: number, count: number): MetricItem {
  const startNs = BigInt(NOW_MS + (minute - 60) * 60_000) * 1_000_000n;
  return {
    signal: 'metrics',
    metric: { name, unit: 's', kind: 'histogram', temporality: 'delta', isMonotonic: false },
    point: {
      type: 'histogram',
      attributes: [{ key: 'http.route', value: '/api/v1/messages' }],
      startTimeUnixNano: startNs,
      timeUnixNano: startNs + 30_000_000_000n,
      flags: 0,
      count,
      sum: count,
      min: undefined,
      max: undefined,
      explicitBounds: [1],
      bucketCounts: [count, 0],
    },
  };
}

async function send(sidecar: InProcessSidecar, item: MetricItem): Promise<void> {
  expect(await sidecar.send('metrics', encodeRequest(LANE, [item], false), false)).toBe('acknowledged');
}

async function storedIn(minute: number): Promise<number | undefined> {
  const key = windowKey(LANE.service, 'http.server.request.duration', NOW_MS + (minute - 60) * 60_000);
  return (await readStored(stage.sql)).windows.get(key)?.count;
}

/** contract.md §4, "One source counts". */
describe('one of two instruments of a metric counts, whichever sidecar each of them reaches', () => {
  it('the first source holds the minute, also against one that another sidecar got', async () => {
    const [one, other] = sidecars;
    // Both know the sender, and that it has no source yet for the duration of requests.
    for (const sidecar of sidecars) await send(sidecar, { ...durations('db.client.operation.duration', 0, 1) });
    await send(one, durations('kaiku_http_request_duration_seconds', 0, 5));
    await send(other, durations('http.server.request.duration', 0, 7));
    expect(await storedIn(0)).toBe(5);
  });

  it('a take-over that one sidecar saw holds for the other', async () => {
    const [one, other] = sidecars;
    await send(one, durations('kaiku_http_request_duration_seconds', 0, 5));
    await send(other, durations('kaiku_http_request_duration_seconds', 1, 5));
    // The better one takes over from the second whole minute after its first point.
    await send(one, durations('http.server.request.duration', 2, 7));
    await send(one, durations('http.server.request.duration', 5, 7));
    await send(other, durations('kaiku_http_request_duration_seconds', 5, 5));
    expect([await storedIn(2), await storedIn(5)]).toEqual([undefined, 7]);
  });
});
