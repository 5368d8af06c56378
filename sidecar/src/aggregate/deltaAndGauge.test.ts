import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_BUCKETS } from './limits.ts';
import { byMinute, histogramPoint, minuteMs, numberPoint, run } from './testing/streams.ts';

const delta = { temporality: 'delta' } as const;
const gauge = { kind: 'gauge', temporality: 'unspecified', isMonotonic: false } as const;
const unrecorded = (point: ReturnType<typeof numberPoint>) => ({ ...point, flags: 1 });

describe('deltas (OTLP conformance 11)', () => {
  const p1 = numberPoint({ start: 100, time: 110 }, 3, delta);
  const p2 = numberPoint({ start: 110, time: 120 }, 4, delta);
  const p3 = numberPoint({ start: 120, time: 130 }, 5, delta);

  it('count each interval once, in any order', () => {
    expect(run('delta', [p1, p3, p2, p2])).toMatchObject({ added: [3, 5, 4, 0], reasons: ['', '', '', 'duplicate'] });
  });

  it('are joined where they touch, so that a long stream keeps one interval', () => {
    const { state } = run('delta', [p1, p3, p2]);
    expect(state?.kind === 'delta' && state.intervals).toHaveLength(1);
  });

  it('without a start are known by their time alone', () => {
    const points = [
      numberPoint({ start: undefined, time: 110 }, 3, delta),
      numberPoint({ start: undefined, time: 110 }, 3, delta),
      numberPoint({ start: undefined, time: 120 }, 2, delta),
    ];
    expect(run('delta', points).added).toEqual([3, 0, 2]);
  });

  it('are rejected as too late once older than the 16 intervals that are remembered', () => {
    const gaps = Array.from({ length: 18 }, (_, index) =>
      numberPoint({ start: 100 + index * 20, time: 110 + index * 20 }, 1, delta),
    );
    const first = gaps[0];
    const { added, reasons } = run('delta', first === undefined ? gaps : [...gaps, first]);
    expect(added).toEqual([...gaps.map(() => 1), 0]);
    expect(reasons.at(-1)).toBe('too_late');
  });

  it('are too late at once where they could not be known again: one that is counted is counted at its retry too', () => {
    const gaps = Array.from({ length: 16 }, (_, index) =>
      numberPoint({ start: 1_000 + index * 20, time: 1_010 + index * 20 }, 1, delta),
    );
    const older = numberPoint({ start: 100, time: 110 }, 7, delta);
    expect(run('delta', [...gaps, older, older])).toMatchObject({
      added: [...gaps.map(() => 1), 0, 0],
      reasons: [...gaps.map(() => ''), 'too_late', 'too_late'],
    });
    const touching = numberPoint({ start: 900, time: 1_000 }, 7, delta);
    expect(run('delta', [...gaps, touching, touching]).reasons.slice(-2)).toEqual(['', 'duplicate']);
  });

  it('that gave way are still too late when the list has shrunk', () => {
    const gaps = Array.from({ length: 17 }, (_, index) =>
      numberPoint({ start: 100 + index * 20, time: 110 + index * 20 }, 1, delta),
    );
    const joining = numberPoint({ start: 130, time: 140 }, 5, delta);
    const [first] = gaps;
    expect(run('delta', [...gaps, joining, ...(first ? [first] : [])]).reasons.slice(-2)).toEqual(['', 'too_late']);
  });

  it('over more than 90 s are spread', () => {
    const { increments } = run('delta', [numberPoint({ start: 0, time: 180 }, 9, delta)]);
    expect([...byMinute(increments).values()]).toEqual([3, 3, 3]);
  });

  it('of any interleaving and repetition add up to what was sent', () => {
    const order = fc.array(fc.nat({ max: 11 }), { minLength: 12, maxLength: 40 });
    fc.assert(
      fc.property(order, (picks) => {
        const points = Array.from({ length: 12 }, (_, index) =>
          numberPoint({ start: 100 + index * 10, time: 110 + index * 10 }, index + 1, delta),
        );
        const sent = picks.flatMap((pick) => points[pick] ?? []);
        const total = [...new Set(picks)].reduce((sum, pick) => sum + pick + 1, 0);
        expect(run('delta', sent).added.reduce((sum, value) => sum + value, 0)).toBe(total);
      }),
    );
  });

  it('of an UpDownCounter add up to a running value, which then is the gauge', () => {
    const upDown = { ...delta, isMonotonic: false };
    const points = [
      numberPoint({ start: 0, time: 30 }, 3, upDown),
      numberPoint({ start: 30, time: 70 }, -1, upDown),
      numberPoint({ start: 70, time: 80 }, 4, upDown),
    ];
    expect([...byMinute(run('delta', points).increments)]).toEqual([
      [minuteMs(0), 3],
      [minuteMs(1), 6],
    ]);
  });
});

describe('an UpDownCounter sent as deltas (OTLP conformance 13)', () => {
  const upDown = { ...delta, isMonotonic: false };
  const change = (start: number, time: number, value: number) => numberPoint({ start, time }, value, upDown);

  it('ends at the sum of its changes in any order', () => {
    const changes = [change(0, 10, 5), change(10, 20, -2), change(20, 30, 4), change(30, 40, -1)];
    const order = fc.shuffledSubarray(changes, { minLength: 4 });
    fc.assert(
      fc.property(order, (points) => {
        const { increments, state } = run('delta', points);
        expect([...byMinute(increments)]).toEqual([[minuteMs(0), 6]]);
        expect(state?.kind === 'delta' && state.running?.value).toBe(6);
      }),
    );
  });

  it('is not filled across a point without recorded value', () => {
    const points = [change(0, 10, 5), unrecorded(change(10, 70, 0)), change(70, 190, 1)];
    expect([...byMinute(run('delta', points).increments).keys()]).toEqual([minuteMs(0), minuteMs(3)]);
  });
});

describe('deltas of histograms', () => {
  const histogram = (times: { start: number; time: number }, extremes: { min: number; max: number }) => ({
    ...histogramPoint(times, [1, 2], [1, 2, 3], delta),
    ...extremes,
  });

  it('bring the extremes of their interval', () => {
    const { increments } = run('delta', [histogram({ start: 0, time: 30 }, { min: 0.5, max: 8 })], { factor: 2 });
    expect(increments).toMatchObject([{ count: 6, sum: 12, min: 1, max: 16 }]);
  });

  it('bring none that are no numbers, nor those of minutes they are spread over', () => {
    const odd = { min: Number.POSITIVE_INFINITY, max: Number.NaN };
    expect(run('delta', [histogram({ start: 0, time: 30 }, odd)]).increments).toMatchObject([{ min: null, max: null }]);
    const { increments } = run('delta', [histogram({ start: 0, time: 120 }, { min: 0.5, max: 8 })]);
    expect(increments).toMatchObject([
      { min: null, max: null },
      { min: null, max: null },
    ]);
  });

  it('of more buckets than are kept are rejected, those of just as many are not', () => {
    const withBuckets = (buckets: number) =>
      histogramPoint(
        { start: 0, time: 10 },
        Array.from({ length: buckets - 1 }, (_, index) => index + 1),
        Array<number>(buckets).fill(1),
        delta,
      );
    expect(run('delta', [withBuckets(MAX_BUCKETS)]).added).toEqual([MAX_BUCKETS]);
    expect(run('delta', [withBuckets(MAX_BUCKETS + 1)]).reasons).toEqual(['impossible_buckets']);
    expect(run('cumulativeHistogram', [withBuckets(MAX_BUCKETS + 1)]).reasons).toEqual(['impossible_buckets']);
  });
});

describe('additive gauges (design §4, OTLP conformance 13, 14)', () => {
  const at = (time: number, value: number) => numberPoint({ start: undefined, time }, value, gauge);

  it('add up to the last value of each minute', () => {
    const { increments } = run('additiveGauge', [at(10, 3), at(40, 5), at(70, 2)]);
    expect([...byMinute(increments)]).toEqual([
      [minuteMs(0), 5],
      [minuteMs(1), 2],
    ]);
  });

  it('fill the minutes between two points at most 5 min apart with the earlier value', () => {
    expect([...byMinute(run('additiveGauge', [at(10, 3), at(190, 4)]).increments)]).toEqual([
      [minuteMs(0), 3],
      [minuteMs(1), 3],
      [minuteMs(2), 3],
      [minuteMs(3), 4],
    ]);
    expect([...byMinute(run('additiveGauge', [at(10, 3), at(311, 4)]).increments).keys()]).toEqual([
      minuteMs(0),
      minuteMs(5),
    ]);
  });

  it('fill nothing across a point without recorded value', () => {
    expect([
      ...byMinute(run('additiveGauge', [at(10, 3), unrecorded(at(70, 0)), at(190, 4)]).increments).keys(),
    ]).toEqual([minuteMs(0), minuteMs(3)]);
  });

  it('drop an overtaken point and count it', () => {
    expect(run('additiveGauge', [at(40, 5), at(30, 9)])).toMatchObject({ added: [5, 0], reasons: ['', 'overtaken'] });
  });

  it('keep a point without recorded value from being a zero', () => {
    expect(run('additiveGauge', [at(10, 3), unrecorded(at(20, 0))])).toMatchObject({
      added: [3, 0],
      reasons: ['', 'no_recorded_value'],
    });
    expect(run('cumulativeNumber', [unrecorded(numberPoint({ start: 0, time: 20 }, 7))]).increments).toEqual([]);
  });
});
