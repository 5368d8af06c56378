import { noFrames, noSketches, type Sketches, unframeMinutes } from '@command-center/contract/sketch/frames';
import type { TrendShape } from '@command-center/contract/trends/shape';
import type { Period, TrendRow, TrendWindow } from './columns.ts';
import type { PackedHistogram, PackedSketches } from './minutes.ts';
import { bytesOf, numbersOf } from './sent.ts';

/** Windows out of the rows of trendMinutes and trendHours. Columns are merged as columns: an object a value would cost more than to read them. */

/** What lies packed of histograms: their minutes, and the sketches of these. */
export interface PackedParts {
  readonly histograms: readonly PackedHistogram[];
  readonly sketches: readonly PackedSketches[];
}

const minuteMs = 60_000;

/** The windows of each member within the period, oldest first. One without data is missing. */
export function windowsOf(
  shape: TrendShape,
  stepMs: number,
  period: Period,
  rows: readonly TrendRow[],
  packed: PackedParts = { histograms: [], sketches: [] },
): readonly TrendWindow[] {
  const members = new Map<number, MemberWindows>();
  const of = (member: number): MemberWindows => {
    const known = members.get(member) ?? new MemberWindows(shape, stepMs, period);
    members.set(member, known);
    return known;
  };
  for (const row of rows) of(row.member).addRow(row);
  for (const hour of packed.histograms) of(hour.member).addPacked(hour);
  for (const hour of packed.sketches) of(hour.member).addSketches(hour);
  return [...members].sort(([a], [b]) => a - b).flatMap(([member, windows]) => windows.windows(member));
}

/** Columns of one member, an element a window of the period. NaN = null, but of extremes: see `addExtreme`. */
class MemberWindows {
  readonly #shape: TrendShape;
  readonly #stepMs: number;
  readonly #period: Period;
  readonly #firstMs: number;
  readonly #isThere: Uint8Array;
  readonly #count: Float64Array;
  readonly #sum: Float64Array;
  readonly #value: Float64Array;
  readonly #min: Float64Array;
  readonly #max: Float64Array;
  /** Few shapes have any. */
  readonly #framed: Uint8Array[] = [];
  readonly #loose: Uint8Array[][] = [];

  constructor(shape: TrendShape, stepMs: number, { fromMs, toMs }: Period) {
    this.#shape = shape;
    this.#stepMs = stepMs;
    this.#period = { fromMs, toMs };
    this.#firstMs = Math.floor(fromMs / stepMs) * stepMs;
    const size = Math.max(0, Math.ceil((toMs - this.#firstMs) / stepMs));
    this.#isThere = new Uint8Array(size);
    this.#count = new Float64Array(size).fill(Number.NaN);
    this.#sum = new Float64Array(size).fill(Number.NaN);
    this.#value = new Float64Array(size).fill(Number.NaN);
    this.#min = new Float64Array(size).fill(Number.POSITIVE_INFINITY);
    this.#max = new Float64Array(size).fill(Number.NEGATIVE_INFINITY);
  }

  addRow(row: TrendRow): void {
    if (row.starts === null) this.#addHour(row);
    else this.#addWindows(row, numbersOf(row.starts));
  }

  #addWindows(row: TrendRow, starts: Float64Array): void {
    const [count, sum, value] = [numbersOf(row.count), numbersOf(row.sum), numbersOf(row.value)];
    const [min, max] = [numbersOf(row.min), numbersOf(row.max)];
    const sketches = bytesOf(row.sketches);
    for (let i = 0; i < starts.length; i += 1) {
      const at = ((starts[i] ?? 0) * 1000 - this.#firstMs) / this.#stepMs;
      this.#add(at, count[i], sum[i], value[i], min[i], max[i]);
      const bytes = sketches[i];
      if (bytes !== undefined) this.#framed[at] = bytes;
    }
  }

  /** Sixty minutes, of which the period may cut some off. */
  #addHour(row: TrendRow): void {
    const [sum, value, min, max] = [numbersOf(row.sum), numbersOf(row.value), numbersOf(row.min), numbersOf(row.max)];
    for (let minute = 0; minute < 60; minute += 1) {
      const at = this.#positionOf((row.hour ?? 0) * 1000 + minute * minuteMs);
      if (at !== undefined) this.#add(at, undefined, sum[minute], value[minute], min[minute], max[minute]);
    }
  }

  addPacked(hour: PackedHistogram): void {
    const minutes = hour.minutes === null ? undefined : numbersOf(hour.minutes);
    const [count, countWide] = [numbersOf(hour.count), numbersOf(hour.count_wide)];
    const [sum, sumWide] = [numbersOf(hour.sum), numbersOf(hour.sum_wide)];
    const [min, minWide] = [numbersOf(hour.min), numbersOf(hour.min_wide)];
    const [max, maxWide] = [numbersOf(hour.max), numbersOf(hour.max_wide)];
    const length = minutes?.length ?? 60;
    for (let i = 0; i < length; i += 1) {
      const at = this.#positionOf(hour.hour * 1000 + (minutes?.[i] ?? i) * minuteMs);
      if (at === undefined) continue;
      const total = either(sum[i], sumWide[i]);
      const events = either(either(count[i], countWide[i]), rounded(total));
      this.#add(at, events, total, undefined, either(min[i], minWide[i]), either(max[i], maxWide[i]));
    }
  }

  addSketches({ hour, sketches }: PackedSketches): void {
    for (const { minute, sketch } of unframeMinutes(sketches)) {
      const at = this.#positionOf(hour.getTime() + minute * minuteMs);
      if (at === undefined) continue;
      const known = this.#loose[at];
      if (known === undefined) this.#loose[at] = [sketch];
      else known.push(sketch);
    }
  }

  windows(member: number): TrendWindow[] {
    const windows: TrendWindow[] = [];
    for (let at = 0; at < this.#isThere.length; at += 1) {
      if (this.#isThere[at] === 0) continue;
      const startMs = this.#firstMs + at * this.#stepMs;
      const value = known(this.#value[at]);
      let min = known(this.#min[at]);
      let max = known(this.#max[at]);
      // Of minutes only the reading itself is sent where the others follow from it.
      if (this.#shape === 'additive' && this.#stepMs === minuteMs) min = max = value;
      windows.push({
        member,
        startMs,
        count: known(this.#count[at]),
        sum: known(this.#sum[at]),
        value: value ?? (this.#shape === 'max' ? max : this.#shape === 'min' ? min : null),
        min,
        max,
        sketches: this.#sketchesOf(at),
      });
    }
    return windows;
  }

  #sketchesOf(at: number): Sketches {
    const [framed, loose] = [this.#framed[at], this.#loose[at]];
    return framed === undefined && loose === undefined
      ? noSketches
      : { framed: framed ?? noFrames, loose: loose ?? [] };
  }

  /** Undefined outside of the period. */
  #positionOf(startMs: number): number | undefined {
    const { fromMs, toMs } = this.#period;
    return startMs >= fromMs && startMs < toMs ? (startMs - this.#firstMs) / this.#stepMs : undefined;
  }

  #add(
    at: number,
    count: number | undefined,
    sum: number | undefined,
    value: number | undefined,
    min: number | undefined,
    max: number | undefined,
  ): void {
    this.#isThere[at] = 1;
    add(this.#count, at, count);
    add(this.#sum, at, sum);
    add(this.#value, at, value);
    const isNeeded = count !== undefined && count > 0;
    addExtreme(this.#min, at, min, Math.min, isNeeded);
    addExtreme(this.#max, at, max, Math.max, isNeeded);
  }
}

function add(column: Float64Array, at: number, value: number | undefined): void {
  if (value === undefined || Number.isNaN(value)) return;
  const before = column[at] ?? Number.NaN;
  column[at] = Number.isNaN(before) ? value : before + value;
}

/** An extreme is known only where every part with events knows its own: NaN stays, an infinity is what nothing was added to. */
function addExtreme(
  column: Float64Array,
  at: number,
  value: number | undefined,
  extreme: (a: number, b: number) => number,
  isNeeded: boolean,
): void {
  const isMissing = value === undefined || Number.isNaN(value);
  if (isMissing && !isNeeded) return;
  column[at] = extreme(column[at] ?? Number.NaN, value ?? Number.NaN);
}

function known(value: number | undefined): number | null {
  return value === undefined || !Number.isFinite(value) ? null : value;
}

function either(value: number | undefined, other: number | undefined): number | undefined {
  return value === undefined || Number.isNaN(value) ? other : value;
}

/** Halves to even, as Postgres rounds a double precision: what a count is where it was left out. */
function rounded(value: number | undefined): number | undefined {
  if (value === undefined) return undefined;
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
