import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Point } from '../decode/records.ts';
import { histogramPoint, numberPoint, run, seconds } from './testing/streams.ts';

const total = (added: readonly number[]): number => added.reduce((sum, value) => sum + value, 0);

/** A stream's life: processes that start one after another, each counting up. */
const lives = fc.array(fc.array(fc.nat({ max: 50 }), { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 8 });

interface Reported {
  readonly point: Point;
  readonly process: number;
}

function reportsOf(processes: readonly (readonly number[])[]): Reported[] {
  return processes.flatMap((increases, process) => {
    const start = 1_000 + process * 100;
    let value = 0;
    return increases.map((increase, index): Reported => {
      value += increase;
      return { process, point: numberPoint({ start, time: start + 10 * (index + 1) }, value) };
    });
  });
}

describe('sequences of a stream (OTLP conformance 10, 11)', () => {
  it('add up to what each process counted, in whatever order and however often its points come', () => {
    fc.assert(
      fc.property(lives, fc.array(fc.nat(), { minLength: 1, maxLength: 60 }), (processes, picks) => {
        const reports = reportsOf(processes);
        const sent = [...picks.flatMap((pick) => reports[pick % reports.length] ?? []), ...reports];
        const { added } = run(
          'cumulativeNumber',
          sent.map(({ point }) => point),
        );
        expect(total(added)).toBe(total(processes.flat()));
      }),
    );
  });

  it('of histograms too', () => {
    fc.assert(
      fc.property(lives, fc.array(fc.nat(), { maxLength: 40 }), (processes, picks) => {
        const reports = reportsOf(processes).map(({ point }) => {
          const value = point.type === 'number' ? (point.value ?? 0) : 0;
          const halves = [Math.floor(value / 2), value - Math.floor(value / 2)];
          return { ...histogramPoint({ start: 0, time: 0 }, [1], halves), ...timesOf(point) };
        });
        const sent = [...picks.flatMap((pick) => reports[pick % reports.length] ?? []), ...reports];
        expect(total(run('cumulativeHistogram', sent).added)).toBe(total(processes.flat()));
      }),
    );
  });

  it('keep the one without start for good: it is no older than any', () => {
    const restarts = Array.from({ length: 20 }, (_, index) =>
      numberPoint({ start: 100 + index, time: 200 + index }, 1),
    );
    const points = [
      numberPoint({ start: undefined, time: 50 }, 5),
      ...restarts,
      numberPoint({ start: undefined, time: 300 }, 9),
    ];
    const { added, reasons } = run('cumulativeNumber', points);
    expect([added[0], added.at(-1), reasons.at(-1)]).toEqual([0, 4, '']);
  });

  it('read start = time as no start also after 16 restarts', () => {
    const restarts = Array.from({ length: 16 }, (_, index) =>
      numberPoint({ start: 100 + index, time: 200 + index }, 1),
    );
    const equal = [300, 310, 320, 330].map((time, index) => numberPoint({ start: time, time }, 10 + index));
    expect(run('cumulativeNumber', [...restarts, ...equal]).added.slice(-4)).toEqual([0, 0, 0, 1]);
  });

  it('begin with a baseline where only the sender itself, less than 5 min ago, is known', () => {
    const old = numberPoint({ start: 0, time: 2_000 }, 7);
    expect(run('cumulativeNumber', [old], { firstTimeUnixNano: seconds(1_700) }).reasons).toEqual(['baseline']);
    expect(run('cumulativeNumber', [old], { firstTimeUnixNano: seconds(1_699) }).added).toEqual([7]);
  });

  it('of a known sender put the first value of an old process into the minute of its time alone', () => {
    const { increments } = run('cumulativeNumber', [numberPoint({ start: 0, time: 2_000 }, 7)], {
      firstTimeUnixNano: seconds(1_000),
    });
    expect(increments).toHaveLength(1);
  });
});

describe('a histogram without sum (OTLP conformance 15)', () => {
  const at = (time: number, counts: number[], sum: number | undefined): Point => ({
    ...histogramPoint({ start: 100, time }, [1], counts),
    ...(sum === undefined ? { sum: Number.NaN } : { sum }),
  });

  it('counts its buckets, and the next point with a sum counts from the last known one', () => {
    const { added, increments } = run('cumulativeHistogram', [
      at(110, [1, 0], 10),
      at(120, [2, 1], undefined),
      at(130, [2, 2], 34),
    ]);
    expect(added).toEqual([1, 2, 1]);
    expect(increments.map((increment) => increment.type === 'histogram' && increment.sum)).toEqual([10, 0, 24]);
  });

  it('sent again is a duplicate', () => {
    const points = [at(110, [1, 0], 10), at(120, [2, 1], undefined), at(120, [2, 1], undefined)];
    expect(run('cumulativeHistogram', points).reasons).toEqual(['', '', 'duplicate']);
  });

  it('takes an infinite sum for none', () => {
    const { increments } = run('cumulativeHistogram', [at(110, [1, 0], Number.POSITIVE_INFINITY), at(120, [2, 0], 5)]);
    expect(increments.map((increment) => increment.type === 'histogram' && increment.sum)).toEqual([0, 0]);
  });
});

function timesOf({ startTimeUnixNano, timeUnixNano }: Point) {
  return { startTimeUnixNano, timeUnixNano };
}
