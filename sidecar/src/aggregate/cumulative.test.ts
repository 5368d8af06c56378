import { countOf } from '@command-center/contract/sketch/spans';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byMinute, exponentialPoint, histogramPoint, minuteMs, numberPoint, run, seconds } from './testing/streams.ts';

/** (start, time, value) in seconds, as the vectors of the OTLP reference write them. */
const sums = (...rows: [number | undefined, number, number][]) =>
  rows.map(([start, time, value]) => numberPoint({ start, time }, value));

describe('cumulative monotonic sums (OTLP conformance 10, 11)', () => {
  it('count from zero after a true reset', () => {
    expect(run('cumulativeNumber', sums([100, 110, 100], [100, 120, 150], [121, 130, 30])).added).toEqual([
      100, 50, 30,
    ]);
  });

  it('take the first point of a process older than 10 min for a baseline', () => {
    const points = sums([100, 1310, 100], [100, 1320, 150], [1321, 1330, 30]);
    const { added, reasons } = run('cumulativeNumber', points);
    expect(added).toEqual([0, 50, 30]);
    expect(reasons).toEqual(['baseline', '', '']);
  });

  it('count the first point of a new label set in full once its sender was known for 5 min', () => {
    const known = { firstTimeUnixNano: seconds(1000) };
    expect(run('cumulativeNumber', sums([100, 1310, 7]), known).added).toEqual([7]);
    expect(run('cumulativeNumber', sums([100, 1299, 7]), known).added).toEqual([0]);
  });

  it('take start = time, and a start that is not given, for an unknown start', () => {
    expect(run('cumulativeNumber', sums([110, 110, 100], [110, 120, 130])).added).toEqual([0, 30]);
    expect(run('cumulativeNumber', sums([undefined, 110, 100], [undefined, 120, 130])).added).toEqual([0, 30]);
  });

  it('read the third start = time in a row as a start that is not given', () => {
    const points = sums([110, 110, 5], [120, 120, 9], [130, 130, 14], [140, 140, 20], [140, 140, 20], [150, 150, 21]);
    const { added, reasons } = run('cumulativeNumber', points);
    expect(added).toEqual([0, 0, 0, 6, 0, 1]);
    expect(reasons).toEqual(['baseline', 'baseline', 'baseline', '', 'duplicate', '']);
  });

  it('absorb a late point in the next one', () => {
    const { added, reasons } = run('cumulativeNumber', sums([105, 110, 1], [105, 130, 3], [105, 120, 2]));
    expect(added).toEqual([1, 2, 0]);
    expect(reasons[2]).toBe('overtaken');
  });

  it('keep two writers with one identity apart by their starts', () => {
    expect(run('cumulativeNumber', sums([100, 110, 100], [107, 111, 5], [100, 120, 110], [107, 121, 9])).added).toEqual(
      [100, 5, 10, 4],
    );
  });

  it('count a duplicate once, and of two with other values the first', () => {
    const { added, reasons } = run('cumulativeNumber', sums([100, 110, 4], [100, 110, 4], [100, 110, 5]));
    expect(added).toEqual([4, 0, 0]);
    expect(reasons).toEqual(['', 'duplicate', 'conflicting_duplicate']);
  });

  it('count a value that fell within one start from zero', () => {
    const { added, reasons } = run('cumulativeNumber', sums([100, 110, 50], [100, 120, 8]));
    expect(added).toEqual([50, 8]);
    expect(reasons[1]).toBe('reset');
  });

  it('remember the newest 16 starts and drop a point of an older one', () => {
    const starts = Array.from({ length: 17 }, (_, index): [number, number, number] => [100 + index, 200 + index, 1]);
    const { added, reasons } = run('cumulativeNumber', sums(...starts, [100, 300, 9]));
    expect(added.reduce((sum, value) => sum + value, 0)).toBe(17);
    expect(reasons.at(-1)).toBe('late_start');
  });

  it('make a row of zero for a point that adds nothing: zero is not "no data"', () => {
    const { increments } = run('cumulativeNumber', sums([100, 110, 4], [100, 170, 4]));
    expect([...byMinute(increments)]).toEqual([
      [minuteMs(1), 4],
      [minuteMs(2), 0],
    ]);
  });

  it('give the same total in whatever order points arrive', () => {
    const values = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(values, fc.infiniteStream(fc.nat()), (increases, random) => {
        let total = 0;
        const points = increases.map((increase, index) => {
          total += increase;
          return numberPoint({ start: 100, time: 110 + index * 10 }, total);
        });
        const shuffled = points
          .map((point) => ({ point, key: random.next().value ?? 0 }))
          .sort((a, b) => a.key - b.key);
        const { added } = run(
          'cumulativeNumber',
          shuffled.map(({ point }) => point),
        );
        expect(added.reduce((sum, value) => sum + value, 0)).toBe(total);
      }),
    );
  });
});

describe('minutes (OTLP conformance 12)', () => {
  it('put a point at 12:01:00.000 into 12:00', () => {
    expect([...byMinute(run('cumulativeNumber', sums([30, 60, 1], [30, 60.001, 3])).increments)]).toEqual([
      [minuteMs(0), 1],
      [minuteMs(1), 2],
    ]);
  });

  it('keep an increase over up to 90 s whole in the minute of its end', () => {
    expect([...byMinute(run('cumulativeNumber', sums([31, 121, 90])).increments)]).toEqual([[minuteMs(2), 90]]);
  });

  it('spread a longer one over the minutes it overlaps, in proportion, with parts that add up', () => {
    expect([...byMinute(run('cumulativeNumber', sums([30, 150, 101])).increments)]).toEqual([
      [minuteMs(0), 25],
      [minuteMs(1), 50],
      [minuteMs(2), 26],
    ]);
  });

  it('spread over the newest 60 minutes at most', () => {
    const { increments } = run('cumulativeNumber', sums([0, 30, 0], [0, 7_200, 7_200]));
    const minutes = byMinute(increments.slice(1));
    expect(minutes.size).toBe(60);
    expect([...minutes.values()].reduce((sum, value) => sum + value, 0)).toBe(7_200);
  });
});

describe('cumulative histograms (OTLP conformance 16, 17)', () => {
  it('add counts between points and never count history again when bounds change', () => {
    const points = [
      histogramPoint({ start: 100, time: 110 }, [1], [5, 5]),
      histogramPoint({ start: 100, time: 120 }, [2], [8, 4]),
    ];
    const { added, reasons } = run('cumulativeHistogram', points);
    expect(added).toEqual([10, 2]);
    expect(reasons).toEqual(['', 'bucket_baseline']);
  });

  it('take a falling bucket for a reset', () => {
    const points = [
      histogramPoint({ start: 100, time: 110 }, [1], [5, 5]),
      histogramPoint({ start: 100, time: 120 }, [1], [4, 9]),
    ];
    expect(run('cumulativeHistogram', points)).toMatchObject({ added: [10, 13], reasons: ['', 'reset'] });
  });

  it('split spread increases span by span', () => {
    const { increments } = run('cumulativeHistogram', [histogramPoint({ start: 0, time: 180 }, [1, 2], [3, 7, 0])]);
    expect(increments).toHaveLength(3);
    for (const increment of increments) {
      if (increment.type === 'histogram') expect(countOf(increment.spans)).toBe(increment.count);
    }
    expect(increments.reduce((sum, increment) => sum + (increment.type === 'histogram' ? increment.count : 0), 0)).toBe(
      10,
    );
  });

  it('subtract at the coarser scale when the scale falls', () => {
    const points = [
      exponentialPoint({ start: 100, time: 110 }, 3, -2, [1, 2, 3, 4]),
      exponentialPoint({ start: 100, time: 120 }, 2, -1, [3, 9]),
    ];
    const { added, reasons, increments } = run('cumulativeHistogram', points);
    expect(added).toEqual([10, 2]);
    expect(reasons).toEqual(['', '']);
    const last = increments.at(-1);
    expect(last?.type === 'histogram' && last.spans.spans).toEqual([{ first: 1282, width: 8, count: 2 }]);
  });

  it('take a rising scale for a reset', () => {
    const points = [
      exponentialPoint({ start: 100, time: 110 }, 2, 0, [5]),
      exponentialPoint({ start: 100, time: 120 }, 3, 0, [6]),
    ];
    expect(run('cumulativeHistogram', points)).toMatchObject({ added: [5, 6], reasons: ['', 'reset'] });
  });

  it('let buckets that a raised zero threshold swallows join the zeros', () => {
    const points = [
      exponentialPoint({ start: 100, time: 110 }, 0, -2, [3, 4]),
      exponentialPoint({ start: 100, time: 120 }, 0, -1, [4], 5, 0.5),
    ];
    expect(run('cumulativeHistogram', points)).toMatchObject({ added: [7, 2], reasons: ['', ''] });
  });
});
