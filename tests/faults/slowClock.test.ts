import type { BarePoint } from '@command-center/sidecar/decode/testing/trees';
import { takeLease } from '@command-center/sidecar/lead/lease';
import { rollUpDirty } from '@command-center/sidecar/lead/rollUp';
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

const MINUTE_MS = 60_000;
/** Here the sidecar's clock stands still, as that of a machine that was put to sleep; the database's goes on. */
const SIDECAR_MS = Date.UTC(2026, 0, 15, 12);
const POINT_MS = SIDECAR_MS - 30 * MINUTE_MS;
const LATER_MS = SIDECAR_MS + 180 * MINUTE_MS;
const HOLDER = -1;

let stage: Stage;
let sidecar: InProcessSidecar;
beforeAll(async () => {
  stage = await makeStage();
  await emptyTables(stage.sql, false);
  await setClock(stage.sql, SIDECAR_MS);
  sidecar = await InProcessSidecar.start({ databaseUrl: stage.url, nowMs: () => SIDECAR_MS, log: () => undefined });
});
afterAll(async () => {
  await sidecar.stop();
  await stage.close();
});

/** A pod's increase within the minute. */
function increase(pod: string, value: number): MetricItem {
  const time = BigInt(POINT_MS) * 1_000_000n;
  const own: BarePoint = {
    type: 'number',
    attributes: [{ key: 'pod', value: pod }],
    startTimeUnixNano: time - 20_000_000_000n,
    timeUnixNano: time - 1n,
    flags: 0,
    value,
  };
  const metric = { name: 'kaiku_ws_messages_total', unit: '{message}', kind: 'sum', isMonotonic: true } as const;
  return { signal: 'metrics', metric: { ...metric, temporality: 'delta' }, point: own };
}

describe('a sidecar whose clock has fallen behind (docs/adr/0010)', () => {
  it('writes no window over an hour that was packed meanwhile', { timeout: 60_000 }, async () => {
    const lane: Lane = { service: 'behind', kind: 'delta', signal: 'metrics', arrival: 'inOrder', steps: [] };
    const ledger = new Ledger();
    const send = async (item: MetricItem): Promise<void> => {
      ledger.attempt(lane, [item]);
      expect(await sidecar.send('metrics', encodeRequest(lane, [item], false), false)).toBe('acknowledged');
      ledger.acknowledge(lane, [item]);
    };
    await send(increase('pod-a', 5));
    await setClock(stage.sql, LATER_MS);
    await takeLease(stage.sql, HOLDER);
    expect(await rollUpDirty(stage.sql, HOLDER)).toMatchObject({ packed: 1 });
    await send(increase('pod-b', 7));
    const stored = await readStored(stage.sql);
    expect(windowEqualsReplay({ acknowledged: ledger.acknowledged, attempted: ledger.attempted, stored })).toEqual([]);
  });
});
