import type { TrendPoint, TrendSeries, Trends } from '@command-center/contract/api/trends';
import { defaultContract } from '@command-center/contract/contract';
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
  'http.response.status_code': ['404', '429', '500', '503'],
  outcome: ['success', 'failure'],
  'voice.session_outcome': ['connected', 'failed', 'timeout'],
  'db.client.connection.state': ['used', 'idle'],
};

/** What a metric reads on an ordinary minute: a gauge's level, a counter's increase, a histogram's median. */
const levels: Readonly<Record<string, number>> = {
  'http.server.request.duration': 0.042,
  'db.client.operation.duration': 0.006,
  kaiku_voice_session_duration_seconds: 900,
  kaiku_http_requests_total: 12_000,
  kaiku_http_errors_total: 12,
  kaiku_ws_connections_active: 1_204,
  kaiku_ws_messages_total: 40_000,
  kaiku_voice_sessions_active: 50,
  kaiku_voice_rtp_packets_forwarded_total: 150_000,
  kaiku_voice_packet_loss_ratio: 0.0015,
  kaiku_voice_jitter_ms: 4,
  kaiku_voice_latency_ms: 38,
  'db.client.connection.max': 40,
  'db.client.connection.count': 18,
  'process.memory.usage': 400e6,
};

/** Reported with nothing in it on an ordinary minute. */
const quiet = new Set(['kaiku_otel_dropped_spans_total', 'kaiku_otel_export_failures_total']);

export function trendsOf(scenario: Scenario, query: URLSearchParams, nowMs: number): Trends {
  const toMs = Date.parse(query.get('to') ?? '') || nowMs;
  const fromMs = Date.parse(query.get('from') ?? '') || toMs - (rangeMs[query.get('range') ?? '24h'] ?? 24 * hourMs);
  const by = query.get('by') ?? '';
  const isLong = toMs - fromMs > 24 * hourMs;
  const stepMs = isLong ? hourMs : minuteMs;
  const first = Math.ceil(fromMs / stepMs) * stepMs;
  const windows = Math.max(0, Math.ceil((toMs - first) / stepMs));
  const all = isEmpty(scenario) ? [] : Array.from({ length: windows }, (_, index) => first + index * stepMs);
  const series = (metric: string, value: string, share: number): TrendSeries => {
    const entry = defaultContract.catalogue.entryOf(metric);
    const kind = entry?.kind ?? 'counter';
    return {
      metric_name: metric,
      unit: entry?.unit ?? '',
      kind,
      labels: value === '' ? {} : { [by]: value },
      resolution: isLong ? '1h' : '1m',
      points: all.flatMap((tsMs) => pointOf({ metric, kind, share, tsMs, stepMs, scenario, nowMs })),
    };
  };
  return {
    from: new Date(fromMs).toISOString(),
    to: new Date(toMs).toISOString(),
    series: isEmpty(scenario)
      ? []
      : query
          .getAll('metric')
          .flatMap((metric) => (names[by] ?? ['']).map((value, index) => series(metric, value, 1 / (1 + 3 * index)))),
  };
}

/** The series of one metric over the time of a query; without points where nothing has been stored. */
export function seriesOf(scenario: Scenario, metric: string, query: URLSearchParams, nowMs: number): TrendSeries {
  const asked = new URLSearchParams([...query, ['metric', metric]]);
  const [series] = trendsOf(scenario, asked, nowMs).series;
  const { kind = 'counter', unit = '' } = defaultContract.catalogue.entryOf(metric) ?? {};
  return series ?? { metric_name: metric, unit, kind, labels: {}, resolution: '1m', points: [] };
}

interface Window {
  readonly metric: string;
  readonly kind: TrendSeries['kind'];
  /** Of the whole. */
  readonly share: number;
  readonly tsMs: number;
  readonly stepMs: number;
  readonly scenario: Scenario;
  readonly nowMs: number;
}

/** A rise in the last 23 minutes of a bad scenario, a gap of 40 minutes 7 hours ago, hours of explicit buckets before. */
function pointOf(window: Window): TrendPoint[] {
  const { metric, kind, share, tsMs, stepMs, scenario, nowMs } = window;
  const agoMs = nowMs - tsMs;
  if (agoMs > 7 * hourMs && agoMs < 7 * hourMs + 40 * minuteMs && stepMs === minuteMs) return [];
  const random = seeded(Math.floor(tsMs / stepMs) + metric.length);
  const isBad = (scenario === 'degraded' || scenario === 'down') && agoMs < 23 * minuteMs;
  const day = 1 + 0.4 * Math.sin((tsMs / (24 * hourMs)) * 2 * Math.PI);
  const level = (levels[metric] ?? 6) * share * day * (0.9 + 0.2 * random());
  const partial = agoMs < stepMs ? { partial: true } : {};
  const head = { ts: new Date(tsMs).toISOString(), ...partial };
  const isError = metric.includes('errors') || metric.includes('attempts') || metric.includes('reconnects');
  if (quiet.has(metric)) return [{ ...head, sum: isBad ? 20 : 0, rate: isBad ? 0.3 : 0 }];
  if (kind === 'gauge') {
    const value = metric.endsWith('.max') ? level / day : level * (isBad && metric.startsWith('db') ? 1.7 : 1);
    return [{ ...head, value: Math.round(value), min: value * 0.9, max: value * 1.1 }];
  }
  if (kind === 'counter') {
    const sum = Math.round(((level * (isBad && isError ? 30 : 1)) / minuteMs) * stepMs);
    return [{ ...head, sum, rate: sum / (stepMs / 1_000) }];
  }
  return [{ ...head, ...histogramOf(level * (isBad ? 4 : 1), { agoMs, stepMs, random, day, isBad }) }];
}

function histogramOf(
  p50: number,
  of: {
    readonly agoMs: number;
    readonly stepMs: number;
    readonly random: () => number;
    readonly day: number;
    readonly isBad: boolean;
  },
): Omit<TrendPoint, 'ts'> {
  const p95 = p50 * (2.6 + 0.6 * of.random()) * (of.isBad ? 2.6 : 1);
  const p99 = p95 * (1.3 + 0.5 * of.random());
  const isCoarse = of.agoMs > 10 * hourMs && of.agoMs < 14 * hourMs;
  const quality = isCoarse ? 'bounded' : 'exact';
  const around = (value: number): [number, number] =>
    isCoarse ? [value * 0.7, value * 1.4] : [value * 0.99, value * 1.01];
  const [p50_lo, p50_hi] = around(p50);
  const [p95_lo, p95_hi] = around(p95);
  const [p99_lo, p99_hi] = around(p99);
  const count = Math.round(12_000 * of.day * (0.9 + 0.2 * of.random()));
  return {
    count,
    sum: count * p50 * 1.3,
    rate: count / (of.stepMs / 1_000),
    min: p50 / 10,
    max: p99 * 2,
    ...{ p50, p50_lo, p50_hi, p50_quality: quality, p95, p95_lo, p95_hi, p95_quality: quality },
    ...{ p99, p99_lo, p99_hi, p99_quality: quality },
  };
}
