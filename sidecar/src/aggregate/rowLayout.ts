import type { StreamState } from './machines.ts';
import type { Sequence } from './sequences.ts';

/**
 * A stream's state as numbers in a row. What nearly all streams are made of fits: the newest start of a cumulative sum, its explicit histogram,
 * the last reading of an additive gauge. Whatever does not fit is kept as the state it is.
 */

/** Columns. Times are whole milliseconds since the epoch and the nanoseconds within; an additive gauge has no start. */
export const STATE_START_MS = 0;
export const STATE_START_NS = 1;
export const STATE_TIME_MS = 2;
export const STATE_TIME_NS = 3;
/** Value of a number, count of a histogram. */
export const STATE_VALUE = 4;
export const STATE_SUM = 5;
export const STATE_BUCKETS = 6;

/** What all rows of a block have in common. */
export interface RowLayout {
  readonly kind: 'cumulativeNumber' | 'cumulativeHistogram' | 'additiveGauge';
  /** Of the histograms. */
  readonly bounds: readonly number[];
  readonly width: number;
}

export type RowState = Exclude<StreamState, { readonly kind: 'delta' }>;

const NS_PER_MS = 1_000_000n;
const noBounds: readonly number[] = Object.freeze([]);

/** The layout that the state fits; undefined where it fits none. */
export function layoutOf(state: StreamState): RowLayout | undefined {
  switch (state.kind) {
    case 'cumulativeNumber': {
      const last = state.sequences.at(-1);
      const fits = state.equalStarts === 0 && last !== undefined && isPlain(last.value);
      return fits ? { kind: state.kind, bounds: noBounds, width: STATE_SUM } : undefined;
    }
    case 'cumulativeHistogram': {
      const value = state.sequences.at(-1)?.value;
      if (state.equalStarts > 0 || value === undefined || value.buckets.layout !== 'explicit') return undefined;
      const { bounds, counts } = value.buckets;
      const fits = counts.length === bounds.length + 1 && counts.every(isCount) && isCount(value.count);
      return fits && isPlain(value.sum)
        ? { kind: state.kind, bounds, width: STATE_BUCKETS + counts.length }
        : undefined;
    }
    case 'additiveGauge':
      return !state.isMarked && isPlain(state.value)
        ? { kind: state.kind, bounds: noBounds, width: STATE_SUM }
        : undefined;
    case 'delta':
      return undefined;
  }
}

/** Whether rows of the two stand in one block. */
export function isSameLayout(a: RowLayout, b: RowLayout): boolean {
  return a.kind === b.kind && (a.bounds === b.bounds || isSameBounds(a.bounds, b.bounds));
}

/** Bit for bit: what comes back must be what was written, also where it is -0. */
export function isSameBounds(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((bound, index) => Object.is(bound, b[index]));
}

/** Writes a state that fits the layout into the row at `at`; returns the earlier starts, for which a row has no room. */
export function writeRow(rows: Float64Array, at: number, state: StreamState): readonly Sequence<unknown>[] {
  if (state.kind === 'delta') throw new Error('a delta stream has no row');
  if (state.kind === 'additiveGauge') {
    writeTime(rows, at + STATE_START_MS, 0n);
    writeTime(rows, at + STATE_TIME_MS, state.time);
    rows[at + STATE_VALUE] = state.value;
    return [];
  }
  const last = state.sequences.at(-1);
  if (last === undefined) throw new Error('a cumulative stream has a start');
  writeTime(rows, at + STATE_START_MS, last.start);
  writeTime(rows, at + STATE_TIME_MS, last.time);
  if (typeof last.value === 'number') rows[at + STATE_VALUE] = last.value;
  else {
    rows[at + STATE_VALUE] = last.value.count;
    rows[at + STATE_SUM] = last.value.sum;
    if (last.value.buckets.layout === 'explicit') rows.set(last.value.buckets.counts, at + STATE_BUCKETS);
  }
  return state.sequences.slice(0, -1);
}

/** The state in the row at `at`; `older` is what `writeRow` returned. */
export function readRow(
  rows: Float64Array,
  at: number,
  layout: RowLayout,
  older: readonly Sequence<unknown>[],
): RowState {
  const time = readTime(rows, at + STATE_TIME_MS);
  const value = rows[at + STATE_VALUE] ?? 0;
  if (layout.kind === 'additiveGauge') return { kind: layout.kind, time, value, isMarked: false };
  const start = readTime(rows, at + STATE_START_MS);
  if (layout.kind === 'cumulativeNumber') {
    const earlier = older.filter((one): one is Sequence<number> => typeof one.value === 'number');
    return { kind: layout.kind, sequences: [...earlier, { start, time, value }], equalStarts: 0 };
  }
  const counts = [...rows.subarray(at + STATE_BUCKETS, at + layout.width)];
  const distribution = {
    count: value,
    sum: rows[at + STATE_SUM] ?? 0,
    buckets: { layout: 'explicit' as const, bounds: layout.bounds, counts },
  };
  const earlier = older.filter(
    (one): one is Sequence<typeof distribution> => typeof one.value === 'object' && one.value !== null,
  );
  return { kind: layout.kind, sequences: [...earlier, { start, time, value: distribution }], equalStarts: 0 };
}

/** Finite, and the same when read again from its shortest form. */
function isPlain(value: number): boolean {
  return Number.isFinite(value) && !Object.is(value, -0);
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0 && !Object.is(value, -0);
}

function writeTime(rows: Float64Array, at: number, time: bigint): void {
  rows[at] = Number(time / NS_PER_MS);
  rows[at + 1] = Number(time % NS_PER_MS);
}

function readTime(rows: Float64Array, at: number): bigint {
  return BigInt(rows[at] ?? 0) * NS_PER_MS + BigInt(rows[at + 1] ?? 0);
}
