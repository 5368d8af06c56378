import type { BarePoint } from '@command-center/sidecar/decode/testing/trees';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emptyTables, setClock } from './database/simulated.ts';
import { makeStage, type Stage } from './database/stage.ts';
import { windowEqualsReplay } from './invariants/windowEqualsReplay.ts';
import { Ledger } from './ledger/ledger.ts';
import { readStored } from './ledger/stored.ts';
import { encodeRequest } from './senders/encode.ts';
import type { Lane } from './senders/lanes.ts';
import type { MetricItem } from './senders/points.ts';
import { InProcessSidecar } from './sidecars/inProcess.ts';

const START_MS = Date.UTC(2026, 0, 15, 6);
const MINUTE_NS = 60_000_000_000n;
/** More than the sidecar keeps in memory are written between the first and the last visit to a window, all of them within the last hour. */
const SERIES = 60;
const MINUTES = 50;
const MINUTES_PER_REQUEST = 5;
const MAX_WINDOWS = 2_000;
const NOW_MS = START_MS + MINUTES * 60_000;

let stage: Stage;
let sidecar: InProcessSidecar;
beforeAll(async () => {
  stage = await makeStage();
  await emptyTables(stage.sql, false);
  await setClock(stage.sql, NOW_MS);
  sidecar = await InProcessSidecar.start({
    databaseUrl: stage.url,
    nowMs: () => NOW_MS,
    log: () => undefined,
    maxWindows: MAX_WINDOWS,
  });
});
afterAll(async () => {
  await sidecar.stop();
  await stage.close();
});

/** An increase of `value` in a minute of one stream; pods share a series. */
function point(series: number, pod: string, minute: number, value: number): MetricItem {
  const start = BigInt(START_MS) * 1_000_000n + BigInt(minute) * MINUTE_NS;
  const own: BarePoint = {
    type: 'number',
    attributes: [
      { key: 'ws.event_type', value: `event_${series}` },
      { key: 'pod', value: pod },
    ],
    startTimeUnixNano: start,
    timeUnixNano: start + MINUTE_NS,
    flags: 0,
    value,
  };
  const metric = { name: 'kaiku_ws_messages_total', unit: '{message}', kind: 'sum', isMonotonic: true } as const;
  return { signal: 'metrics', metric: { ...metric, temporality: 'delta' }, point: own };
}

describe('a window no longer in memory is read before it is changed (design §5)', () => {
  it('adds to the first minutes after the others pushed them out', { timeout: 120_000 }, async () => {
    const lane: Lane = { service: 'evicted', kind: 'delta', signal: 'metrics', arrival: 'inOrder', steps: [] };
    const ledger = new Ledger();
    const send = async (items: readonly MetricItem[]): Promise<void> => {
      ledger.attempt(lane, items);
      expect(await sidecar.send('metrics', encodeRequest(lane, items, false), false)).toBe('acknowledged');
      ledger.acknowledge(lane, items);
    };
    const all = Array.from({ length: SERIES }, (_, series) => series);
    for (let from = 0; from < MINUTES; from += MINUTES_PER_REQUEST) {
      const minutes = Array.from({ length: MINUTES_PER_REQUEST }, (_, minute) => from + minute);
      await send(minutes.flatMap((minute) => all.map((series) => point(series, 'pod-a', minute, 1 + (minute % 7)))));
    }
    await send(all.flatMap((series) => [0, 1, 2].map((minute) => point(series, 'pod-b', minute, 100))));
    const evidence = {
      acknowledged: ledger.acknowledged,
      attempted: ledger.attempted,
      stored: await readStored(stage.sql),
    };
    expect(windowEqualsReplay(evidence)).toEqual([]);
  });
});
