import process from 'node:process';
import v8 from 'node:v8';
import vm from 'node:vm';
import { readSettings } from '@command-center/contract/settings/settings';
import { createCurator } from '@command-center/sidecar/curate/curator';
import { describe, expect, it } from 'vitest';
import { inputsOf } from './inputs.ts';
import { firstInput, isFull, replay, seed } from './mode.ts';
import { createPipeline } from './pipeline.ts';

const INPUTS = isFull ? 1_000_000 : 15_000;
/** After each of these the memory starts anew and the heap is measured. */
const ROUND = isFull ? 50_000 : 3_000;
/**
 * What one round may leave behind more than the first: caches that are still filling. A full run fills the decoder's memory of streams once
 * (MAX_KNOWN_STREAMS, each with labels of its own), which starts anew towards its end.
 */
const MAX_GROWTH_BYTES = (isFull ? 192 : 32) * 2 ** 20;
/** No run's clock: the same input is the same bytes in every run. */
const NOW_MS = Date.UTC(2026, 10, 26, 12);

v8.setFlagsFromString('--expose-gc');
const collectGarbage: () => void = vm.runInNewContext('gc');

describe(`${INPUTS} mutated requests through decode, curation and aggregation`, () => {
  it('each is decoded or undecodable, adds up, gives sound rows in linear time, and leaves no memory behind', {
    timeout: 7_200_000,
  }, () => {
    const inputOf = inputsOf(seed, NOW_MS);
    const pipeline = createPipeline(createCurator({ settings: readSettings({}), nowMs: () => NOW_MS }));
    const counts = { undecodable: 0, records: 0, rejected: 0, kept: 0, bytes: 0 };
    const heaps: number[] = [];
    for (let number = firstInput; number < INPUTS; number++) {
      const input = inputOf(number);
      const verdict = replayable(number, () => pipeline.run(input));
      counts.bytes += input.body.length;
      if (verdict.outcome === 'undecodable') counts.undecodable++;
      else {
        counts.records += verdict.records;
        counts.rejected += verdict.rejected;
        counts.kept += verdict.kept;
      }
      if ((number + 1) % ROUND !== 0) continue;
      pipeline.restart();
      collectGarbage();
      heaps.push(process.memoryUsage().heapUsed);
    }
    const growthBytes = Math.max(...heaps) - (heaps[0] ?? 0);
    process.stdout.write(`${JSON.stringify({ seed, inputs: INPUTS - firstInput, ...counts, growthBytes })}\n`);
    expect(growthBytes).toBeLessThan(MAX_GROWTH_BYTES);
    expect(counts.undecodable).toBeGreaterThan((INPUTS - firstInput) / 10);
    expect(counts.rejected).toBeGreaterThan((INPUTS - firstInput) / 100);
    expect(counts.kept).toBeGreaterThan((INPUTS - firstInput) / 10);
  });
});

function replayable<T>(number: number, run: () => T): T {
  try {
    return run();
  } catch (error) {
    process.stdout.write(replay('pipeline', number, ROUND));
    throw error;
  }
}
