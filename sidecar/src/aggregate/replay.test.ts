import { decodeSketch, encodeSketch } from '@command-center/contract/sketch/codec';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StreamKind } from '../curate/curated.ts';
import type { Point } from '../decode/records.ts';
import { runAggregateBench } from './aggregate.bench.ts';
import { decodeBlock, encodeBlock } from './block.ts';
import { type StreamState, step } from './machines.ts';
import { histogramPoint, numberPoint, seconds } from './testing/streams.ts';
import type { Window } from './window.ts';
import { applyIncrement } from './windowCell.ts';

/** Several pods and users report one metric; the allowlist merges their streams into one series. */

interface Reported {
  /** Digest of the stream: 32 hex digits. */
  readonly stream: string;
  readonly timeS: number;
  readonly point: Point;
}

const gauge = { kind: 'gauge', temporality: 'unspecified', isMonotonic: false } as const;
const delta = { temporality: 'delta' } as const;
const entries = {
  cumulativeNumber: { name: 'counter', kind: 'counter', merge: 'sum' },
  cumulativeHistogram: { name: 'histogram', kind: 'histogram', merge: 'sum' },
  delta: { name: 'delta counter', kind: 'counter', merge: 'sum' },
  additiveGauge: { name: 'additive gauge', kind: 'gauge', merge: 'sum' },
  none: { name: 'gauge', kind: 'gauge', merge: 'last' },
} as const;
const streamKinds = ['cumulativeNumber', 'cumulativeHistogram', 'delta', 'additiveGauge', 'none'] as const;

/** One stream: when it reports, and what happened since the report before. */
const life = fc.record({
  startS: fc.integer({ min: -3_000, max: 0 }),
  steps: fc.array(fc.record({ gapS: fc.integer({ min: 1, max: 400 }), amount: fc.nat({ max: 40 }) }), {
    minLength: 1,
    maxLength: 8,
  }),
});

function reportsOf(
  kind: StreamKind,
  index: number,
  { startS, steps }: { startS: number; steps: { gapS: number; amount: number }[] },
) {
  let timeS = 0;
  let value = 0;
  return steps.map(({ gapS, amount }): Reported => {
    const start = kind === 'delta' ? timeS : startS;
    timeS += gapS;
    value += amount;
    const times = { start, time: timeS };
    return { stream: index.toString(16).padStart(32, '0'), timeS, point: pointOf(kind, times, amount, value) };
  });
}

function pointOf(kind: StreamKind, times: { start: number; time: number }, amount: number, value: number): Point {
  switch (kind) {
    case 'cumulativeNumber':
      return numberPoint(times, value);
    case 'cumulativeHistogram':
      return histogramPoint(times, [1, 2, 5], [value, value * 2, 0, value * 3]);
    case 'delta':
      return numberPoint(times, amount, delta);
    default:
      return numberPoint({ start: undefined, time: times.time }, amount, gauge);
  }
}

/** Sends points one after another, as the batch does; where `isRestart` says so, state and windows go through their bytes. */
function replay(
  kind: (typeof streamKinds)[number],
  reports: readonly Reported[],
  isRestart: (index: number) => boolean,
) {
  let states = new Map<string, StreamState>();
  let windows = new Map<number, Window>();
  let firstTimeUnixNano: bigint | undefined;
  for (const [index, { stream, point }] of reports.entries()) {
    if (isRestart(index)) {
      states = decodeBlock(encodeBlock(states));
      windows = new Map([...windows].map(([minute, window]) => [minute, reread(window)]));
    }
    const known = states.get(stream);
    const { state, increments } = step(kind, known, point, { firstTimeUnixNano, factor: 1, isSigned: false });
    if (state !== undefined && state !== known) {
      states.set(stream, state);
      const time = point.timeUnixNano;
      if (firstTimeUnixNano === undefined || time < firstTimeUnixNano) firstTimeUnixNano = time;
    }
    for (const one of increments)
      windows.set(one.minuteMs, applyIncrement(windows.get(one.minuteMs), one, entries[kind], 'value'));
  }
  return { states, windows: new Map([...windows].sort(([a], [b]) => a - b)) };
}

function reread(window: Window): Window {
  return { ...window, spans: window.spans === null ? null : decodeSketch(encodeSketch(window.spans)) };
}

/**
 * An order in which no point is overtaken by one more than 5 min newer: each is late by up to 5 min, and the points of a stream stay in order,
 * so that a later one is at least as late as an earlier one's arrival.
 */
function interleaved(streams: readonly (readonly Reported[])[], latenessS: (index: number) => number): Reported[] {
  let index = 0;
  const arrivals = streams.flatMap((reports) => {
    let arrivalS = Number.NEGATIVE_INFINITY;
    return reports.map((report) => {
      arrivalS = Math.max(arrivalS, report.timeS + latenessS(index++));
      return { report, arrivalS };
    });
  });
  return arrivals.sort((a, b) => a.arrivalS - b.arrivalS).map(({ report }) => report);
}

const draws = fc.array(fc.nat({ max: 300 }), { minLength: 1, maxLength: 50 });
const at = (list: readonly number[], index: number): number => list[index % list.length] ?? 0;

describe('merging after the allowlist (OTLP conformance 21)', () => {
  for (const kind of streamKinds) {
    it(`gives the same rows in any interleaving and any batching: ${kind}`, () => {
      fc.assert(
        fc.property(fc.array(life, { minLength: 1, maxLength: 6 }), draws, draws, (lives, lateness, restarts) => {
          const streams = lives.map((one, index) => reportsOf(kind, index, one));
          const plain = replay(
            kind,
            interleaved(streams, () => 0),
            () => false,
          );
          const order = interleaved(streams, (index) => at(lateness, index));
          const other = replay(kind, order, (index) => at(restarts, index) % 3 === 0);
          expect(other.windows).toEqual(plain.windows);
          expect(new Map([...other.states].sort())).toEqual(new Map([...plain.states].sort()));
        }),
      );
    });

    it(`counts what is sent again once: ${kind}`, () => {
      fc.assert(
        fc.property(fc.array(life, { minLength: 1, maxLength: 4 }), draws, (lives, picks) => {
          const order = interleaved(
            lives.map((one, index) => reportsOf(kind, index, one)),
            () => 0,
          );
          const once = replay(kind, order, () => false);
          // A retry comes after its first try, whatever came between.
          const again = picks.flatMap((pick) => order[pick % order.length] ?? []);
          expect(replay(kind, [...order, ...again], () => true)).toEqual(once);
        }),
      );
    });
  }

  it('puts every minute of a slow sender into a row, so that zero is not "no data"', () => {
    const points = [60, 600].map((timeS) => ({
      stream: '0'.repeat(32),
      timeS,
      point: numberPoint({ start: 0, time: timeS }, 5),
    }));
    const { windows } = replay('cumulativeNumber', points, () => false);
    expect([...windows.values()].map(({ sum }) => sum)).toEqual([5, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    expect([...windows.keys()][0]).toBe(Number(seconds(0) / 1_000_000n));
  });
});

describe('the aggregate bench', () => {
  it('adds up to the same whatever the machine', () => {
    const checks = Object.fromEntries(
      runAggregateBench({ streams: 20, cpuMs: 1 }).map(({ kind, check }) => [kind, check]),
    );
    expect(checks).toMatchObject({
      'cumulative numbers': 12 * 73,
      'delta numbers': 12 * 73,
      'months of 720 sketches': 216_000,
    });
    expect(Object.values(checks).every((check) => check > 0)).toBe(true);
  });
});
