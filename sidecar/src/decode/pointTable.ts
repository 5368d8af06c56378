import type { Point, PointContent, SentStream } from './records.ts';

/** Columns of a row, in 64-bit floats; times are whole milliseconds since the epoch and the nanoseconds within. */
export const TIME_MS = 0;
export const TIME_NS = 1;
export const START_MS = 2;
export const START_NS = 3;
/** A number point's value; a histogram's count. */
export const VALUE = 4;
export const SUM = 5;
/** A histogram's extremes; NaN = not sent, and so is SUM. */
export const MIN = 6;
export const MAX = 7;
/** Where the histogram's bucket counts begin in `counts`, and how many there are. */
export const BUCKETS_AT = 8;
export const BUCKETS = 9;
export const ROW_WIDTH = 10;

/** What a row holds: numbers alone, or (anything out of the ordinary) the point itself. */
export const NUMBER_ROW = 0;
export const HISTOGRAM_ROW = 1;
export const POINT_ROW = 2;
export type RowType = typeof NUMBER_ROW | typeof HISTOGRAM_ROW | typeof POINT_ROW;

const FIRST_NUMBERS = 64 * ROW_WIDTH;
const FIRST_COUNTS = 1_024;
const NS_PER_MS = 1_000_000n;

/** Arrays of tables that are done with, for the next ones: new arrays of a MiB and more for each request make V8 collect the whole heap. */
const spares: Float64Array[] = [];
const MAX_SPARES = 8;
/** Numbers of an array that is worth keeping, and no longer worth it. */
const MIN_SPARE_NUMBERS = 16_384;
const MAX_SPARE_NUMBERS = 524_288;

function arrayOf(numbers: number): Float64Array {
  const index = spares.findIndex((spare) => spare.length >= numbers && spare.length <= numbers * 4);
  const [spare] = index < 0 ? [] : spares.splice(index, 1);
  return spare ?? new Float64Array(numbers);
}

function giveBack(array: Float64Array): void {
  const isWorth = array.length >= MIN_SPARE_NUMBERS && array.length <= MAX_SPARE_NUMBERS;
  if (isWorth && spares.length < MAX_SPARES) spares.push(array);
}

/**
 * The points of a request as columns: number points and explicit histograms, nearly all there are, cost no object and no
 * bigint each (docs/adr/0008-known-points-cost-no-objects.md). All others are rows that hold
 * their point.
 */
export class PointTable {
  length = 0;
  /** The stream of each row. */
  readonly streams: SentStream[] = [];
  /** ROW_WIDTH columns a row. */
  numbers: Float64Array = new Float64Array(0);
  /** Bucket counts of all histogram rows. */
  counts: Float64Array = new Float64Array(0);
  countsLength = 0;
  readonly #types: RowType[] = [];
  /** Bounds of histogram rows, points of point rows. */
  readonly #details: (readonly number[] | PointContent | undefined)[] = [];

  static from(points: readonly Point[]): PointTable {
    const table = new PointTable();
    for (const point of points)
      table.addPoint({ metric: point.metric, attributes: point.attributes, memo: undefined }, point);
    return table;
  }

  typeOf(row: number): RowType {
    return this.#types[row] ?? POINT_ROW;
  }

  /** Adds a number row and returns where its columns begin: TIME_MS to VALUE are the caller's to fill. */
  addNumber(stream: SentStream): number {
    return this.#add(stream, NUMBER_ROW, undefined);
  }

  /** Adds a histogram row and returns where its columns begin, all of which are the caller's to fill; its counts are the last ones of `counts`. */
  addHistogram(stream: SentStream, bounds: readonly number[]): number {
    return this.#add(stream, HISTOGRAM_ROW, bounds);
  }

  addPoint(stream: SentStream, point: PointContent): void {
    const at = this.#add(stream, POINT_ROW, point);
    this.numbers[at + TIME_MS] = Number(point.timeUnixNano / NS_PER_MS);
    this.numbers[at + TIME_NS] = Number(point.timeUnixNano % NS_PER_MS);
  }

  /** Room for `more` rows. */
  reserveRows(more: number): void {
    const needed = (this.length + more) * ROW_WIDTH;
    if (needed <= this.numbers.length) return;
    const grown = arrayOf(Math.max(needed, this.numbers.length * 2, FIRST_NUMBERS));
    grown.set(this.numbers.subarray(0, this.length * ROW_WIDTH));
    giveBack(this.numbers);
    this.numbers = grown;
  }

  /** Room for `more` bucket counts. */
  reserveCounts(more: number): void {
    const needed = this.countsLength + more;
    if (needed <= this.counts.length) return;
    const grown = arrayOf(Math.max(needed, this.counts.length * 2, FIRST_COUNTS));
    grown.set(this.counts.subarray(0, this.countsLength));
    giveBack(this.counts);
    this.counts = grown;
  }

  boundsOf(row: number): readonly number[] {
    const detail = this.#details[row];
    return Array.isArray(detail) ? detail : [];
  }

  /** The row as a point with its attributes, which may have to be read again. */
  point(row: number): Point {
    const content = this.content(row);
    return { ...content, attributes: this.streams[row]?.attributes ?? [] };
  }

  /** What the row says of its stream, for whatever the columns are too plain for. */
  content(row: number): PointContent {
    const detail = this.#details[row];
    if (detail !== undefined && 'type' in detail) return detail;
    const stream = this.streams[row];
    if (stream === undefined) throw new Error(`a table of ${this.length} points has no row ${row}`);
    const at = row * ROW_WIDTH;
    const column = (index: number): number => this.numbers[at + index] ?? 0;
    const base = {
      metric: stream.metric,
      startTimeUnixNano: nanosecondsOf(column(START_MS), column(START_NS)),
      timeUnixNano: nanosecondsOf(column(TIME_MS), column(TIME_NS)),
      flags: 0,
    };
    if (this.typeOf(row) === NUMBER_ROW) return { type: 'number', ...base, value: column(VALUE) };
    const from = column(BUCKETS_AT);
    return {
      type: 'histogram',
      ...base,
      count: column(VALUE),
      sum: given(column(SUM)),
      min: given(column(MIN)),
      max: given(column(MAX)),
      bucketCounts: [...this.counts.subarray(from, from + column(BUCKETS))],
      explicitBounds: this.boundsOf(row),
    };
  }

  *[Symbol.iterator](): Generator<Point> {
    for (let row = 0; row < this.length; row += 1) yield this.point(row);
  }

  /** Ends its life: what it held is gone, and its arrays serve another table. */
  release(): void {
    this.truncate(0);
    giveBack(this.numbers);
    giveBack(this.counts);
    this.numbers = new Float64Array(0);
    this.counts = new Float64Array(0);
    this.countsLength = 0;
  }

  /** Forgets the rows from `length` on. */
  truncate(length: number): void {
    this.length = length;
    this.streams.length = length;
    this.#types.length = length;
    this.#details.length = length;
  }

  #add(stream: SentStream, type: RowType, detail: readonly number[] | PointContent | undefined): number {
    const at = this.length * ROW_WIDTH;
    this.reserveRows(1);
    this.streams.push(stream);
    this.#types.push(type);
    this.#details.push(detail);
    this.length += 1;
    return at;
  }
}

function given(value: number): number | undefined {
  return Number.isNaN(value) ? undefined : value;
}

function nanosecondsOf(ms: number, ns: number): bigint {
  return BigInt(ms) * NS_PER_MS + BigInt(ns);
}
