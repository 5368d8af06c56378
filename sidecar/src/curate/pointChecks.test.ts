import { describe, expect, it } from 'vitest';
import type { Curation, StreamPlan } from './curated.ts';
import {
  curator,
  exponentialPoint,
  gauge,
  histogram,
  histogramPoint,
  kept,
  metric,
  nowMs,
  numberPoint,
  summary,
  summaryPoint,
  timeUnixNano,
} from './testing/records.ts';

const DURATION = 'http.server.request.duration';

function reason(curation: Curation<StreamPlan>): string {
  return curation.outcome === 'kept' ? 'kept' : `${curation.outcome} ${curation.reason}`;
}

describe('kinds and units (otlp-conformance items 18, 19)', () => {
  const upDown = { kind: 'sum', isMonotonic: false } as const;

  it.each([
    ['a gauge for a counter', numberPoint(gauge('kaiku_ws_messages_total')), 'rejected wrong_kind'],
    [
      'a non-monotonic sum for a counter',
      numberPoint(metric('kaiku_ws_messages_total', upDown)),
      'rejected wrong_kind',
    ],
    ['a monotonic sum for a gauge', numberPoint(metric('kaiku_ws_connections_active')), 'rejected wrong_kind'],
    ['a sum for a histogram', numberPoint(metric(DURATION)), 'rejected wrong_kind'],
    ['a non-monotonic sum for an additive gauge', numberPoint(metric('kaiku_ws_connections_active', upDown)), 'kept'],
    ['bytes for seconds', histogramPoint(histogram(DURATION, { unit: 'By' })), 'rejected wrong_unit'],
    ['no temporality', histogramPoint(histogram(DURATION, { temporality: 'unspecified' })), 'rejected no_temporality'],
    ['an unknown metric', numberPoint(metric('my.counter')), 'dropped not_in_contract'],
  ])('%s', (_name, point, expected) => {
    expect(reason(curator().point(point))).toBe(expected);
  });

  it.each([
    ['ms', DURATION, 0.001],
    ['s', DURATION, 1],
    ['', DURATION, 1],
    ['', 'http.server.duration', 0.001],
  ])('%j of %s is converted by %d', (unit, name, factor) => {
    expect(kept<StreamPlan>(curator().point(histogramPoint(histogram(name, { unit })))).factor).toBe(factor);
  });

  it('a summary keeps count and sum as cumulative, its quantiles are dropped with a receipt', () => {
    const curation = curator().point(summaryPoint(summary(DURATION), { 'http.route': '/a' }));
    expect(kept<StreamPlan>(curation).streamKind).toBe('cumulativeHistogram');
    expect(curation.receipts.map((receipt) => receipt.reason)).toEqual(['summary_quantiles_dropped']);
  });

  it.each([
    ['cumulativeNumber', numberPoint(metric('kaiku_ws_messages_total'))],
    ['delta', numberPoint(metric('kaiku_ws_messages_total', { temporality: 'delta' }))],
    ['cumulativeHistogram', exponentialPoint(histogram(DURATION, { kind: 'exponentialHistogram' }))],
    ['delta', histogramPoint(histogram(DURATION, { temporality: 'delta' }))],
    ['additiveGauge', numberPoint(gauge('kaiku_ws_connections_active'))],
    ['additiveGauge', numberPoint(metric('kaiku_ws_connections_active', upDown))],
    ['delta', numberPoint(metric('kaiku_ws_connections_active', { ...upDown, temporality: 'delta' }))],
    ['none', numberPoint(gauge('process.uptime'))],
    ['none', numberPoint(metric('process.memory.usage', upDown))],
  ])('a stream is remembered as %s', (expected, point) => {
    expect(kept<StreamPlan>(curator().point(point)).streamKind).toBe(expected);
  });
});

describe('points that can never be accepted (otlp-conformance items 15-17, 22)', () => {
  const counter = metric('kaiku_ws_messages_total');
  const duration = histogram(DURATION);
  const exponential = histogram(DURATION, { kind: 'exponentialHistogram' });
  const at = (ms: number): { timeUnixNano: bigint; startTimeUnixNano: bigint } => ({
    timeUnixNano: BigInt(ms) * 1_000_000n,
    startTimeUnixNano: 0n,
  });
  const days30 = 30 * 86_400_000;

  it.each([
    ['no value', numberPoint(counter, {}, { value: undefined }), 'rejected no_value'],
    ['NaN', numberPoint(counter, {}, { value: Number.NaN }), 'rejected not_finite'],
    ['infinity', numberPoint(gauge('process.uptime'), {}, { value: Infinity }), 'rejected not_finite'],
    ['a monotonic sum below zero', numberPoint(counter, {}, { value: -1 }), 'rejected negative_increase'],
    ['no time', numberPoint(counter, {}, { timeUnixNano: 0n }), 'rejected no_time'],
    ['30 days old', numberPoint(counter, {}, at(nowMs - days30)), 'kept'],
    ['older than 30 days', numberPoint(counter, {}, at(nowMs - days30 - 1)), 'rejected too_old'],
    ['10 min ahead', numberPoint(counter, {}, at(nowMs + 600_000)), 'kept'],
    ['more than 10 min ahead', numberPoint(counter, {}, at(nowMs + 600_001)), 'rejected too_new'],
    ['too old and unknown', numberPoint(metric('my.counter'), {}, at(1)), 'rejected too_old'],
    [
      'a start after its time',
      numberPoint(counter, {}, { startTimeUnixNano: timeUnixNano + 1n }),
      'rejected impossible_interval',
    ],
    ['a start at its time', numberPoint(counter, {}, { startTimeUnixNano: timeUnixNano }), 'kept'],
    ['count and sum alone', histogramPoint(duration, {}, { bucketCounts: [], explicitBounds: [] }), 'kept'],
    ['a NaN sum', histogramPoint(duration, {}, { sum: Number.NaN }), 'kept'],
    ['counts without bounds', histogramPoint(duration, {}, { explicitBounds: [1, 2] }), 'rejected impossible_buckets'],
    [
      'equal bounds',
      histogramPoint(duration, {}, { bucketCounts: [1, 1, 1], explicitBounds: [1, 1] }),
      'rejected impossible_buckets',
    ],
    ['another count than its buckets', histogramPoint(duration, {}, { count: 4 }), 'rejected impossible_buckets'],
    ['an exponential count off by one', exponentialPoint(exponential, { zeroCount: 0 }), 'rejected impossible_buckets'],
    [
      'an exponential bucket past the doubles',
      exponentialPoint(exponential, { scale: -1, positive: { offset: 512, bucketCounts: [2] } }),
      'rejected impossible_buckets',
    ],
    [
      'the highest exponential bucket',
      exponentialPoint(exponential, { scale: -1, positive: { offset: 511, bucketCounts: [2] } }),
      'kept',
    ],
  ])('%s', (_name, point, expected) => {
    expect(reason(curator().point(point))).toBe(expected);
  });

  it('a point without recorded value is not checked and never the sender’s fault (item 14)', () => {
    const marker = { flags: 1, value: undefined };
    expect(reason(curator().point(numberPoint(counter, {}, marker)))).toBe('kept');
    expect(reason(curator().point(numberPoint(counter, {}, { ...marker, timeUnixNano: 0n })))).toBe(
      'dropped no_recorded_value',
    );
    expect(reason(curator().point(numberPoint(gauge('kaiku_ws_messages_total'), {}, marker)))).toBe(
      'dropped no_recorded_value',
    );
    expect(reason(curator().point(numberPoint(metric('my.counter'), {}, marker)))).toBe('dropped not_in_contract');
  });
});
