import type { Infrastructure } from '@command-center/contract/api/infrastructure';
import { colourOf, type ThresholdName, thresholds } from '@command-center/contract/thresholds';
import { isEmpty, minuteMs, type Scenario } from './scenario.ts';
import { summaryOf } from './summary.ts';
import { seriesOf, trendsOf } from './trends.ts';

const gib = 2 ** 30;
const bounds = (name: ThresholdName) => ({ warn: thresholds[name].warn, crit: thresholds[name].crit });
const isBad = (scenario: Scenario): boolean => scenario === 'degraded' || scenario === 'down';

/** `few` is a deployment of which little is configured. */
export function infrastructureOf(scenario: Scenario, query: URLSearchParams, nowMs: number): Infrastructure {
  const { services, stale } = summaryOf(scenario, nowMs);
  const status = (id: string) => services.find((one) => one.id === id) ?? null;
  const { from, to } = trendsOf(scenario, new URLSearchParams([...query, ['metric', 'none']]), nowMs);
  const duration = seriesOf(scenario, 'db.client.operation.duration', query, nowMs);
  const hasNone = isEmpty(scenario);
  const p95 = hasNone ? null : isBad(scenario) ? 612 : 14.2;
  return {
    now: new Date(nowMs).toISOString(),
    from,
    to,
    resolution: duration.resolution === '1h' ? '1h' : '1m',
    stale,
    database: {
      status: status('postgresql'),
      thresholds: bounds('DB_POOL'),
      pools: poolsOf(scenario),
      query: {
        p95,
        p95_lo: p95 === null ? null : p95 * 0.8,
        p95_hi: p95 === null ? null : p95 * 1.3,
        p95_quality: p95 === null ? null : isBad(scenario) ? 'bounded' : 'exact',
        unit: 'ms',
        n: hasNone ? 0 : 64_210,
        colour: colourOf(thresholds.DB_QUERY_P95, p95),
        thresholds: bounds('DB_QUERY_P95'),
      },
      query_duration: duration,
      slow_queries: slowQueriesOf(scenario, from),
    },
    valkey: { status: status('valkey'), used_for: scenario === 'few' ? null : 'carts and sessions' },
    s3: { status: status('s3') },
    pipeline: pipelineOf(scenario, duration.points, status('otel_pipeline')),
    memory: memoryOf(scenario, query, nowMs),
  };
}

function poolsOf(scenario: Scenario): Infrastructure['database']['pools'] {
  if (isEmpty(scenario)) return [];
  const pool = (service: string, used: number, idle: number, max: number) => {
    const percent = scenario === 'stale' ? null : (100 * used) / max;
    const now = scenario === 'stale' ? { used: null, idle: null, max: null } : { used, idle, max };
    return {
      service,
      percent,
      colour: colourOf(thresholds.DB_POOL, percent),
      age_s: scenario === 'stale' ? 310 : 70,
      ...now,
    };
  };
  return [pool('orders', isBad(scenario) ? 39 : 24, isBad(scenario) ? 1 : 10, 40), pool('checkout', 5, 12, 20)];
}

function slowQueriesOf(scenario: Scenario, from: string): Infrastructure['database']['slow_queries'] {
  const row = (span_name: string, count: number, p95_ms: number, max_ms: number) => ({
    span_name,
    count,
    p95_ms,
    max_ms,
  });
  const items = isEmpty(scenario)
    ? []
    : [
        row('SELECT orders', 1_204, 1_380, 4_802),
        row('UPDATE carts', 402, 612, 980),
        row('INSERT audit_log_of_every_change_that_anybody_ever_made_to_a_cart', 61, 240, 412),
        row('SELECT items', 12, 118, 131),
      ];
  const isCut = scenario === 'degraded';
  return { from: isCut ? new Date(Date.parse(from) + 260 * minuteMs).toISOString() : from, items };
}

type Pipeline = Infrastructure['pipeline'];

function pipelineOf(
  scenario: Scenario,
  windows: readonly { readonly ts: string }[],
  status: Pipeline['status'],
): Pipeline {
  const lastTs = windows.at(-1)?.ts ?? '';
  const isNow = (ts: string): boolean => isBad(scenario) && Date.parse(lastTs) - Date.parse(ts) < 23 * minuteMs;
  const exports = windows.map(({ ts }, at) => {
    const all = 9_000 + 1_500 * Math.sin(at / 200);
    const failed = isNow(ts) ? Math.round(all * 0.08) : 0;
    return { ts, sent: Math.round(all) - failed, failed };
  });
  const failures = (some: typeof exports) => {
    const numerator = some.reduce((sum, { failed }) => sum + failed, 0);
    const n = numerator + some.reduce((sum, { sent }) => sum + sent, 0);
    const value = n === 0 ? null : (100 * numerator) / n;
    return { value, unit: '%' as const, n, numerator, colour: colourOf(thresholds.OTEL_EXPORT_FAILURE, value, n) };
  };
  const hasNone = isEmpty(scenario) || scenario === 'few';
  const last_5_min = hasNone ? null : isBad(scenario) ? 40 : 0;
  const queue = (exporter: string, data_type: string, size: number, capacity: number) => {
    const percent = (100 * size) / capacity;
    const colour = colourOf(thresholds.OTEL_QUEUE, percent);
    return { service: 'otelcol', exporter, data_type, size, capacity, percent, colour, age_s: 20 };
  };
  return {
    status,
    collector_endpoint: hasNone ? null : 'otel-collector:4317',
    export_failures_5m: { ...failures(hasNone ? [] : exports.slice(-5)), thresholds: bounds('OTEL_EXPORT_FAILURE') },
    export_failures: failures(hasNone ? [] : exports),
    exports: hasNone ? [] : exports,
    dropped_spans: {
      last_5_min,
      in_range: hasNone ? null : isBad(scenario) ? 412 : 0,
      colour: colourOf(thresholds.OTEL_DROPPED_SPANS, last_5_min),
      thresholds: bounds('OTEL_DROPPED_SPANS'),
    },
    queues: hasNone
      ? []
      : [
          queue('otlp_grpc/command-center', 'metrics', isBad(scenario) ? 940 : 31, 1_000),
          queue('otlp_grpc/command-center', 'traces', isBad(scenario) ? 610 : 12, 1_000),
          queue('otlp_grpc/tempo', 'traces', 0, 5_000),
        ],
  };
}

function memoryOf(scenario: Scenario, query: URLSearchParams, nowMs: number): Infrastructure['memory'] {
  const limit = scenario === 'few' ? null : gib;
  const process = (service: string, bytes: number) => {
    const percent = limit === null ? null : (100 * bytes) / limit;
    return { service, bytes, percent, colour: colourOf(thresholds.PROCESS_MEMORY, percent), age_s: 70 };
  };
  return {
    limit,
    processes: isEmpty(scenario)
      ? []
      : [
          process('orders', (isBad(scenario) ? 0.94 : 0.52) * gib),
          process('checkout', 0.41 * gib),
          process('gateway', 0.2 * gib),
        ],
    usage: seriesOf(scenario, 'process.memory.usage', query, nowMs),
  };
}
