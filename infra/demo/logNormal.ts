import type { Random } from './random.ts';

/** The part of a normal distribution below `z` standard deviations; at most 7.5e-8 off (Abramowitz and Stegun 26.2.17). */
export function normalCdf(z: number): number {
  if (z < 0) return 1 - normalCdf(-z);
  if (z > 8) return 1;
  const t = 1 / (1 + 0.2316419 * z);
  const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return 1 - 0.3989422804014327 * Math.exp((-z * z) / 2) * series;
}

/** Buckets of a power of two: values are known to 4.4 %, which charts do not show. */
export const SCALE = 4;
const LN_BASE = Math.LN2 / 2 ** SCALE;
/** Standard deviations on either side; what lies beyond goes into the last bucket there. */
const REACH = 3.3;

/** Counts of values by bucket: bucket i of `counts` holds (base^(offset + i), base^(offset + i + 1)], as in OTLP's exponential histogram. */
export interface Drawn {
  readonly offset: number;
  readonly counts: number[];
}

/** `values` log-normal values, at the cost of one: evenly spread over their probability, from a random beginning. */
export function drawLogNormal(random: Random, values: number, median: number, spread: number): Drawn {
  const lnMedian = Math.log(median);
  const end = Math.ceil((lnMedian + REACH * spread) / LN_BASE);
  const counts: number[] = [];
  const beginning = random.next();
  let offset = Math.floor((lnMedian - REACH * spread) / LN_BASE);
  let before = 0;
  for (let index = offset; before < values; index += 1) {
    const part = index + 1 >= end ? 1 : normalCdf(((index + 1) * LN_BASE - lnMedian) / spread);
    const upTo = Math.min(values, Math.floor(values * part + beginning));
    if (counts.length === 0 && upTo === 0) continue;
    if (counts.length === 0) offset = index;
    counts.push(upTo - before);
    before = upTo;
  }
  return { offset, counts };
}

/** The value in the middle of a bucket of this index. */
export function middleOf(index: number): number {
  return Math.exp((index + 0.5) * LN_BASE);
}
