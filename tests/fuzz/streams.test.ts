import process from 'node:process';
import { httpOk } from '@command-center/contract/reasons';
import { MAX_STREAMS_PER_FAMILY } from '@command-center/sidecar/batch/build';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { peakResidentBytes } from '../processes/resident.ts';
import { manyPoints } from './manyPoints.ts';
import { isFull } from './mode.ts';
import { openSidecar, postProtobuf, type SidecarStage } from './sidecarStage.ts';
import { inParallel } from './workers.ts';

const STREAMS = isFull ? 2_000_000 : 60_000;
const STREAMS_A_REQUEST = 10_000;
const WIDTH = 4;
/** A polite sender beside it: this often, with this many streams. */
const EVERY_REQUESTS = 5;
const POLITE_STREAMS = 50;
/** What the process may hold at most: the engine's own, and requests and batches under way. */
const MAX_RESIDENT_BYTES = 768 * 2 ** 20;

let stage: SidecarStage;
beforeAll(async () => {
  stage = await openSidecar();
});
afterAll(async () => {
  await stage.close();
});

const names = { metric: 'kaiku_ws_messages_total', unit: '{message}', attribute: 'connection.id' };

describe(`${STREAMS} streams of one metric from one sender (design §5, "Memory is bounded")`, () => {
  it('only its excess is rejected, by name; other senders lose nothing, and memory stays bounded', {
    timeout: 600_000,
  }, async () => {
    const timeMs = Date.now();
    const startedMs = performance.now();
    let rejected = 0;
    let polite = 0;
    await inParallel(
      Array.from({ length: STREAMS / STREAMS_A_REQUEST }, (_, index) => index),
      WIDTH,
      async (index) => {
        const from = index * STREAMS_A_REQUEST;
        const range = { from, to: from + STREAMS_A_REQUEST, timeMs };
        const body = manyPoints({ service: 'runaway', instance: 'pod-1', ...names, ...range });
        const answer = await postProtobuf(stage.sidecar, 'metrics', body);
        expect(answer.status).toBe(httpOk);
        rejected += answer.rejected;
        if (answer.rejected > 0) expect(answer.message).toContain('kaiku_ws_messages_total of runaway');
        if (index % EVERY_REQUESTS !== 0) return;
        polite += 1;
        const other = { from: 0, to: POLITE_STREAMS, timeMs: timeMs + polite };
        const small = manyPoints({ service: 'polite', instance: 'pod-1', ...names, ...other });
        expect(await postProtobuf(stage.sidecar, 'metrics', small)).toMatchObject({ status: httpOk, rejected: 0 });
      },
    );
    const seconds = (performance.now() - startedMs) / 1_000;
    const peakBytes = await peakResidentBytes(stage.sidecar.pid);
    process.stdout.write(
      `${JSON.stringify({ STREAMS, rejected, seconds, peakMib: Math.round(peakBytes / 2 ** 20) })}\n`,
    );
    expect(rejected).toBe(STREAMS - MAX_STREAMS_PER_FAMILY);
    expect(peakBytes).toBeLessThan(MAX_RESIDENT_BYTES);
    expect(await storedTotals()).toEqual({ runaway: MAX_STREAMS_PER_FAMILY, polite: POLITE_STREAMS * polite });
  });
});

async function storedTotals(): Promise<Readonly<Record<string, number>>> {
  const rows = await stage.sql<{ service: string; total: number }[]>`
    SELECT s.labels->>'service.name' AS service, sum(w.value_sum) AS total
    FROM (SELECT * FROM telemetry_open_windows UNION ALL SELECT * FROM telemetry_metric_samples) AS w
    JOIN telemetry_metric_series AS s ON s.id = w.series_id GROUP BY 1`;
  return Object.fromEntries(rows.map(({ service, total }) => [service, total]));
}
