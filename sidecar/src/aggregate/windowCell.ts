import type { CatalogueEntry } from '@command-center/contract/catalogue/entry';
import { explicitSpans, type ValueScale } from '@command-center/contract/sketch/build';
import { emptySpans, mergeSpans, type SpanList } from '@command-center/contract/sketch/spans';
import { isSameBounds } from './rowLayout.ts';
import type { Increment } from './step.ts';
import type { Window } from './window.ts';

/**
 * A window while increments are added to it. Plain numbers, NaN for what is not set, so that nearly no addition makes an object; explicit
 * buckets are added up as they came and merged into the spans once, which is the same: merging is addition.
 */
export class WindowCell {
  #isFirst: boolean;
  #count: number;
  #sum: number;
  #min: number;
  #max: number;
  #last: number;
  #lastMs: number;
  #spans: SpanList | null;
  #bounds: readonly number[] = [];
  #scale: ValueScale = { factor: 1, isSigned: false };
  #buckets = new Float64Array(0);
  #hasBuckets = false;

  constructor(window: Window | undefined) {
    this.#isFirst = window === undefined;
    this.#count = window?.count ?? Number.NaN;
    this.#sum = window?.sum ?? Number.NaN;
    this.#min = window?.min ?? Number.NaN;
    this.#max = window?.max ?? Number.NaN;
    this.#last = window?.last ?? Number.NaN;
    this.#lastMs = window?.lastMs ?? Number.NaN;
    this.#spans = window?.spans ?? null;
  }

  /**
   * Adds an increment. `field` count = an incoming histogram feeds a counter by its count.
   * @throws Error where the increment cannot feed the entry's kind: curation lets no such point through.
   */
  apply(increment: Increment, entry: Pick<CatalogueEntry, 'name' | 'kind' | 'merge'>, field: 'value' | 'count'): void {
    const { kind, merge } = entry;
    const { type } = increment;
    if (kind === 'counter' && type === 'counter') this.addIncrease(increment.increase);
    else if (kind === 'counter' && type === 'histogram' && field === 'count') this.addIncrease(increment.count);
    else if (kind === 'histogram' && type === 'histogram') this.#addDistribution(increment);
    else if (kind === 'gauge' && type === 'gauge') this.addReading(increment.value, increment.lastMs);
    else if (kind === 'gauge' && type === 'additiveGauge') {
      if (merge === 'sum') this.addContribution(increment.contribution, increment.lastMs);
      else this.addReading(increment.reading, increment.lastMs);
    } else throw new Error(`${entry.name} cannot take an increment of type ${type}`);
  }

  /** Of a counter. Its count is the sum rounded: counters may grow by fractions. */
  addIncrease(increase: number): void {
    this.#sum = orZero(this.#sum) + increase;
    this.#count = Math.round(this.#sum);
    this.#isFirst = false;
  }

  /** Of an additive gauge. */
  addContribution(contribution: number, lastMs: number): void {
    this.#last = orZero(this.#last) + contribution;
    this.#lastMs = Math.max(orZero(this.#lastMs), lastMs);
    this.#isFirst = false;
  }

  /** Of the other gauges: the newest wins, of two at one time the greater, so that any order of arrival gives the same. */
  addReading(value: number, lastMs: number): void {
    const isUnset = Number.isNaN(this.#last) || Number.isNaN(this.#lastMs);
    if (isUnset || lastMs > this.#lastMs || (lastMs === this.#lastMs && value > this.#last)) {
      this.#last = value;
      this.#lastMs = lastMs;
    }
    this.#min = Number.isNaN(this.#min) ? value : Math.min(this.#min, value);
    this.#max = Number.isNaN(this.#max) ? value : Math.max(this.#max, value);
    this.#isFirst = false;
  }

  /** Of a cumulative explicit histogram, whose extremes are not known: `buckets` holds one count more than there are bounds. `sum` is in the canonical unit. */
  addBuckets(count: number, sum: number, bounds: readonly number[], scale: ValueScale, buckets: Float64Array): void {
    this.#addCount(count, sum, Number.NaN, Number.NaN);
    if (!this.#hasBuckets || this.#bounds !== bounds || !this.#isScale(scale)) this.#begin(bounds, scale);
    const into = this.#buckets;
    for (let index = 0; index < into.length; index += 1) into[index] = (into[index] ?? 0) + (buckets[index] ?? 0);
  }

  finish(): Window {
    this.#mergeBuckets();
    return {
      count: orNull(this.#count),
      sum: orNull(this.#sum),
      min: orNull(this.#min),
      max: orNull(this.#max),
      last: orNull(this.#last),
      lastMs: orNull(this.#lastMs),
      spans: this.#spans,
    };
  }

  #addDistribution(added: Extract<Increment, { type: 'histogram' }>): void {
    this.#addCount(added.count, added.sum, added.min ?? Number.NaN, added.max ?? Number.NaN);
    this.#mergeBuckets();
    this.#spans = mergeSpans(this.#spans ?? emptySpans, added.spans);
  }

  #addCount(count: number, sum: number, min: number, max: number): void {
    const isEmptyBefore = this.#isFirst || this.#count === 0;
    this.#isFirst = false;
    this.#count = orZero(this.#count) + count;
    this.#sum = orZero(this.#sum) + sum;
    // An empty interval has no extremes and takes none away; unknown of any part is unknown of the whole.
    if (count === 0) return;
    this.#min = isEmptyBefore ? min : Math.min(this.#min, min);
    this.#max = isEmptyBefore ? max : Math.max(this.#max, max);
  }

  #begin(bounds: readonly number[], scale: ValueScale): void {
    if (!this.#hasBuckets || !isSameBounds(this.#bounds, bounds) || !this.#isScale(scale)) {
      this.#mergeBuckets();
      this.#buckets = new Float64Array(bounds.length + 1);
    }
    this.#bounds = bounds;
    this.#scale = scale;
    this.#hasBuckets = true;
  }

  #isScale({ factor, isSigned }: ValueScale): boolean {
    return this.#scale.factor === factor && this.#scale.isSigned === isSigned;
  }

  #mergeBuckets(): void {
    if (!this.#hasBuckets) return;
    const spans = explicitSpans(this.#bounds, this.#buckets, this.#scale);
    this.#spans = mergeSpans(this.#spans ?? emptySpans, spans);
    this.#hasBuckets = false;
  }
}

/** The window with an increment added: what WindowCell makes of one. */
export function applyIncrement(
  window: Window | undefined,
  increment: Increment,
  entry: Pick<CatalogueEntry, 'name' | 'kind' | 'merge'>,
  field: 'value' | 'count',
): Window {
  const cell = new WindowCell(window);
  cell.apply(increment, entry, field);
  return cell.finish();
}

function orZero(value: number): number {
  return Number.isNaN(value) ? 0 : value;
}

function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
