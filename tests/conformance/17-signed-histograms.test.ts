import { describe, expect, it } from 'vitest';
import { minutesOf, spansAsEdges } from './metricRows.ts';
import { useMetricStage } from './metricStage.ts';
import { explicit, exponential, exponentialHistogram, histogram } from './metrics.ts';

const NAME = 'shop_balance';
const stage = useMetricStage(
  {},
  `metrics:\n  - { name: ${NAME}, kind: histogram, unit: '1', signal: traffic, signed: true }\n`,
);
const delta = { temporality: 'delta' } as const;

async function stored(service: string) {
  const [row] = await minutesOf(stage.sql, service, NAME);
  if (row === undefined) throw new Error(`nothing of ${service}`);
  return { ...row, edges: spansAsEdges(row.spans) };
}

describe('a histogram whose values may be below zero (`signed` in the contract)', () => {
  it('exponential: negative buckets lie below zero, by absolute value, zeros around it', async () => {
    const sent = { scale: 0, zeroCount: 1, zeroThreshold: 0.5, positive: [1, 2], negative: [0, 3, 4] } as const;
    await stage.send('exponential', [{ ...exponentialHistogram([exponential(0, 10, sent)], delta), name: NAME }]);
    const { edges, p50, count } = await stored('exponential');
    expect(count).toBe(10);
    expect(edges).toEqual([
      [-4, -2, 4],
      [-2, -1, 3],
      [-0.5, 0.5, 1],
      [2, 4, 2],
    ]);
    expect(p50).toBeGreaterThanOrEqual(-2);
    expect(p50).toBeLessThanOrEqual(-1);
  });

  it('explicit: bounds below zero are bounds, and nothing is made a zero', async () => {
    await stage.send('explicit', [
      { ...histogram([explicit(0, 10, [-2, -1, 0, 1], [0, 3, 2, 4, 0])], delta), name: NAME },
    ]);
    const { edges, p50 } = await stored('explicit');
    expect(edges.map(([, , count]) => count)).toEqual([3, 2, 4]);
    // Bins mirror those above zero, so that -1 itself, which the bucket holds, lies in the bin from -1 up.
    expect(edges[0]?.[0]).toBe(-2);
    expect(edges[0]?.[1]).toBeCloseTo(-(2 ** (-1 / 32)), 8);
    expect(edges[1]?.[0]).toBe(-1);
    expect(edges[2]?.[1]).toBe(1);
    expect(p50).toBeLessThanOrEqual(0);
  });

  it('cumulative: what fell below zero is subtracted there', async () => {
    const at = (time: number, n: number) => exponential(0, time, { negative: [0, n, 1], sum: -n });
    await stage.send('cumulative', [{ ...exponentialHistogram([at(10, 3), at(70, 8)]), name: NAME }]);
    const rows = await minutesOf(stage.sql, 'cumulative', NAME);
    expect(rows.map(({ count, sum }) => [count, sum])).toEqual([
      [4, -3],
      [5, -5],
    ]);
    expect(spansAsEdges(rows[1]?.spans)).toEqual([[-2, -1, 5]]);
  });
});
