import type { TrendPoint, TrendSeries, Trends } from '@command-center/contract/api/trends';
import { isEmpty, minuteMs, type Scenario, seeded } from './scenario.ts';

const hourMs = 60 * minuteMs;
const rangeMs: Readonly<Record<string, number>> = {
  '1h': hourMs,
  '6h': 6 * hourMs,
  '24h': 24 * hourMs,
  '7d': 168 * hourMs,
  '30d': 720 * hourMs,
};

const names: Readonly<Record<string, readonly string[]>> = {
  'service.name': ['checkout', 'gateway', 'orders'],
  'http.route': ['/cart/{id}', '/checkout', '/health', '/items', '_OTHER'],
};

export function trendsOf(scenario: Scenario, query: URLSearchParams, nowMs: number): Trends {
  const toMs = Date.parse(query.get('to') ?? '') || nowMs;
  const fromMs = Date.parse(query.get('from') ?? '') || toMs - (rangeMs[query.get('range') ?? '24h'] ?? 24 * hourMs);
  const by = query.get('by');
  const isLong = toMs - fromMs > 24 * hourMs;
  const stepMs = isLong ? hourMs : minuteMs;
  const first = Math.ceil(fromMs / stepMs) * stepMs;
  const windows = Math.ceil((toMs - first) / stepMs);
  const all = Array.from({ length: windows }, (_, index) => first + index * stepMs);
  const points = isEmpty(scenario) ? [] : all.flatMap((tsMs) => pointOf(tsMs, stepMs, scenario, nowMs));
  const series = (labels: TrendSeries['labels']): TrendSeries => ({
    metric_name: query.get('metric') ?? '',
    unit: 's',
    kind: 'histogram',
    labels,
    resolution: isLong ? '1h' : '1m',
    points,
  });
  return {
    from: new Date(fromMs).toISOString(),
    to: new Date(toMs).toISOString(),
    series: by === null ? [series({})] : (names[by] ?? []).map((value) => series({ [by]: value })),
  };
}

/** A rise in the last 23 minutes of a bad scenario, a gap of 40 minutes 7 hours ago, hours of explicit buckets before. */
function pointOf(tsMs: number, stepMs: number, scenario: Scenario, nowMs: number): TrendPoint[] {
  const agoMs = nowMs - tsMs;
  if (agoMs > 7 * hourMs && agoMs < 7 * hourMs + 40 * minuteMs && stepMs === minuteMs) return [];
  const random = seeded(Math.floor(tsMs / stepMs));
  const isBad = (scenario === 'degraded' || scenario === 'down') && agoMs < 23 * minuteMs;
  const day = 1 + 0.4 * Math.sin((tsMs / (24 * hourMs)) * 2 * Math.PI);
  const p50 = 0.042 * day * (0.9 + 0.2 * random()) * (isBad ? 4 : 1);
  const p95 = p50 * (2.6 + 0.6 * random()) * (isBad ? 2.6 : 1);
  const p99 = p95 * (1.3 + 0.5 * random());
  const isCoarse = agoMs > 10 * hourMs && agoMs < 14 * hourMs;
  const quality = isCoarse ? 'bounded' : 'exact';
  const around = (value: number): [number, number] =>
    isCoarse ? [value * 0.7, value * 1.4] : [value * 0.99, value * 1.01];
  const [p50_lo, p50_hi] = around(p50);
  const [p95_lo, p95_hi] = around(p95);
  const [p99_lo, p99_hi] = around(p99);
  const count = Math.round(12_000 * day * (0.9 + 0.2 * random()));
  const partial = agoMs < stepMs ? { partial: true } : {};
  return [
    {
      ts: new Date(tsMs).toISOString(),
      count,
      sum: count * p50 * 1.3,
      rate: count / (stepMs / 1_000),
      min: p50 / 10,
      max: p99 * 2,
      ...{ p50, p50_lo, p50_hi, p50_quality: quality, p95, p95_lo, p95_hi, p95_quality: quality },
      ...{ p99, p99_lo, p99_hi, p99_quality: quality },
      ...partial,
    },
  ];
}
