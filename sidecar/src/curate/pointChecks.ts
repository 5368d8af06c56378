import type { CatalogueEntry, Mapping } from '@command-center/contract/catalogue/entry';
import type { ReasonCode } from '@command-center/contract/reasons';
import type {
  ExponentialHistogramPoint,
  HistogramPoint,
  Metric,
  NumberPoint,
  PointContent,
} from '../decode/records.ts';
import type { StreamKind } from './curated.ts';

/** Bit 0 of a point's flags (metrics.proto, DataPointFlags). */
const NO_RECORDED_VALUE = 1;

/** Exponents of two past which a bucket lies outside of the doubles. */
const MAX_EXPONENT = 1_024;
const MIN_EXPONENT = -1_075;

/** Whether the point only says that its stream ended (otlp-conformance item 14). */
export function isStaleMarker(point: PointContent): boolean {
  return (point.flags & NO_RECORDED_VALUE) !== 0;
}

/** Whether what was sent is the kind that the contract knows (otlp-conformance items 18, 19). */
export function isKindOf({ target, field }: Mapping, metric: Metric): boolean {
  const isDistribution = metric.kind !== 'gauge' && metric.kind !== 'sum';
  if (field === 'count' || target.kind === 'histogram') return isDistribution;
  if (target.kind === 'counter') return metric.kind === 'sum' && metric.isMonotonic;
  return metric.kind === 'gauge' || (metric.kind === 'sum' && !metric.isMonotonic);
}

/** How the point's stream remembers, given that its kind is right. */
export function streamKindOf(metric: Metric, target: CatalogueEntry): StreamKind {
  if (metric.temporality === 'delta' && metric.kind !== 'gauge' && metric.kind !== 'summary') return 'delta';
  if (metric.kind === 'gauge' || (metric.kind === 'sum' && !metric.isMonotonic)) {
    return target.merge === 'sum' ? 'additiveGauge' : 'none';
  }
  return metric.kind === 'sum' ? 'cumulativeNumber' : 'cumulativeHistogram';
}

/** Sums and histograms must say how their points follow each other; gauges and summaries need not. */
export function lacksTemporality(metric: Metric): boolean {
  return metric.temporality === 'unspecified' && metric.kind !== 'gauge' && metric.kind !== 'summary';
}

/** What can never be accepted in the point itself; undefined = sound. */
export function valueProblem(point: PointContent): ReasonCode | undefined {
  if (point.metric.kind !== 'gauge' && point.startTimeUnixNano > point.timeUnixNano) return 'impossible_interval';
  switch (point.type) {
    case 'number':
      return numberProblem(point);
    case 'histogram':
      return countProblem(point.count) ?? bucketProblem(point);
    case 'exponentialHistogram':
      return countProblem(point.count) ?? exponentialProblem(point);
    case 'summary':
      return countProblem(point.count);
  }
}

function numberProblem({ value, metric }: Pick<NumberPoint, 'value' | 'metric'>): ReasonCode | undefined {
  if (value === undefined) return 'no_value';
  if (!Number.isFinite(value)) return 'not_finite';
  return metric.isMonotonic && value < 0 ? 'negative_increase' : undefined;
}

function countProblem(count: number): ReasonCode | undefined {
  if (!Number.isFinite(count)) return 'not_finite';
  return count < 0 ? 'negative_increase' : undefined;
}

/** otlp-conformance item 16. */
function bucketProblem({
  count,
  bucketCounts,
  explicitBounds,
}: Pick<HistogramPoint, 'count' | 'bucketCounts' | 'explicitBounds'>): ReasonCode | undefined {
  if (bucketCounts.length === 0 && explicitBounds.length === 0) return undefined;
  if (bucketCounts.length !== explicitBounds.length + 1) return 'impossible_buckets';
  let before = -Infinity;
  for (const bound of explicitBounds) {
    // Also refuses NaN.
    if (!(bound > before)) return 'impossible_buckets';
    before = bound;
  }
  return areCounts(bucketCounts) && sumOf(bucketCounts) === count ? undefined : 'impossible_buckets';
}

/** otlp-conformance item 17. */
function exponentialProblem(point: Omit<ExponentialHistogramPoint, 'attributes'>): ReasonCode | undefined {
  const { positive, negative, zeroCount, zeroThreshold, count, scale } = point;
  if (!areCounts(positive.bucketCounts) || !areCounts(negative.bucketCounts) || zeroCount < 0)
    return 'impossible_buckets';
  if (!(zeroThreshold >= 0) || zeroThreshold === Infinity) return 'impossible_buckets';
  if (sumOf(positive.bucketCounts) + sumOf(negative.bucketCounts) + zeroCount !== count) return 'impossible_buckets';
  const isInDoubles = [positive, negative].every(({ offset, bucketCounts }) => {
    if (bucketCounts.length === 0) return true;
    const exponent = 2 ** -scale;
    return (offset + bucketCounts.length - 1) * exponent < MAX_EXPONENT && (offset + 1) * exponent > MIN_EXPONENT;
  });
  return isInDoubles ? undefined : 'impossible_buckets';
}

function areCounts(counts: readonly number[]): boolean {
  return counts.every((count) => count >= 0);
}

function sumOf(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
