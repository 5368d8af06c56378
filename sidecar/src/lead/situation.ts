import { exportRatio } from '@command-center/contract/thresholds';
import type { ErrorRecords } from './bursts.ts';
import type { Distribution, Fill, RankedDistribution } from './measures.ts';
import {
  distributionOf,
  fills,
  fromMinuteMs,
  increase,
  isConnected,
  isServerError,
  mostCounted,
  newestCompleteMs,
  rankedDistribution,
  since,
} from './measures.ts';
import { type MinuteRow, type RowsByMetric, readings } from './recent.ts';

/** Everything that is judged, measured once a pass; pure. */

export const minuteNames = {
  latency: 'http.server.request.duration',
  requests: 'kaiku_http_requests_total',
  errors: 'kaiku_http_errors_total',
  joins: 'kaiku_voice_joins_total',
} as const;

/** Metrics of which the last hour is kept: those with a sparkline, and joins of voice rooms. */
export const hourMetrics: readonly string[] = [
  ...Object.values(minuteNames),
  'db.client.connection.count',
  'db.client.connection.max',
  'otelcol_exporter_queue_size',
  'otelcol_exporter_queue_capacity',
  'process.memory.usage',
];

const { numerator: lostMetrics, denominator: exportMetrics } = exportRatio;

export const summaryMetrics: readonly string[] = [
  ...hourMetrics,
  ...exportMetrics,
  'db.client.operation.duration',
  'kaiku_otel_dropped_spans_total',
  'kaiku_ws_connections_active',
  'kaiku_voice_rooms_active',
  'kaiku_voice_rtp_packets_forwarded_total',
  'kaiku_voice_sessions_active',
  'kaiku_voice_packet_loss_ratio',
  'kaiku_voice_jitter_ms',
  'process.uptime',
  'kaiku_users_active',
  'kaiku_guilds',
];

export interface Ratio {
  readonly numerator: number;
  readonly denominator: number;
}

/** What the last minutes say; ratios, percentiles and counts over the last 5 min with the open one. */
export interface Situation {
  readonly nowMs: number;
  readonly latency: RankedDistribution;
  /** Of the newest complete minute with data, at most 3 min old; null where there is none. */
  readonly requestsInMinute: number | null;
  readonly errors: Ratio;
  /** The service and route with most of the errors; null without one. */
  readonly failing: string | null;
  readonly fills: readonly Fill[];
  readonly dbQuery: Distribution;
  readonly voiceJoins: Ratio;
  readonly packetLoss: Distribution;
  readonly jitter: Distribution;
  readonly exportFailures: Ratio;
  readonly droppedSpans: number;
  /** Newest complete reading of an additive gauge, or newest increase of a counter, over all its series; null = none in 3 min. */
  readonly level: (metric: string, labels?: Readonly<Record<string, string>>) => number | null;
  /** When the metric's newest datum came; null = never heard. */
  readonly datumMs: (metric: string) => number | null;
  readonly errorRecords: readonly ErrorRecords[];
  /** When any telemetry came, of whatever signal; null = never. */
  readonly anyDatumMs: number | null;
}

const WINDOW_MINUTES = 5;
/** Past 3 min a value is no longer the present one (contract.md §6). */
const FRESH_MINUTES = 3;

export function situationOf(
  rows: RowsByMetric,
  clock: Pick<Situation, 'nowMs' | 'datumMs' | 'anyDatumMs' | 'errorRecords'>,
  memoryLimitBytes: number | undefined,
): Situation {
  const { nowMs } = clock;
  const fromMs = fromMinuteMs(nowMs, WINDOW_MINUTES);
  const recent = (metric: string): readonly MinuteRow[] => since(rows.get(metric) ?? [], fromMs);
  const total = (metrics: readonly string[]): number =>
    metrics.reduce((sum, metric) => sum + increase(recent(metric)), 0);
  const toMs = newestCompleteMs(nowMs);
  const freshFromMs = fromMinuteMs(nowMs, FRESH_MINUTES);
  const complete = (metric: string): readonly MinuteRow[] =>
    (rows.get(metric) ?? []).filter((row) => row.minuteMs >= freshFromMs && row.minuteMs <= toMs);
  const joins = recent(minuteNames.joins);
  const failed = recent(minuteNames.errors).filter(isServerError);
  return {
    ...clock,
    latency: rankedDistribution(recent(minuteNames.latency)),
    requestsInMinute: newestMinute(complete(minuteNames.requests)),
    errors: {
      numerator: increase(failed),
      denominator: total([minuteNames.requests]),
    },
    failing: mostCounted(failed),
    fills: fills(rows, { fromMs: freshFromMs, toMs, memoryToMs: nowMs }, memoryLimitBytes),
    dbQuery: distributionOf(recent('db.client.operation.duration')),
    voiceJoins: {
      numerator: increase(joins.filter(isConnected)),
      denominator: increase(joins),
    },
    packetLoss: distributionOf(recent('kaiku_voice_packet_loss_ratio')),
    jitter: distributionOf(recent('kaiku_voice_jitter_ms')),
    exportFailures: { numerator: total(lostMetrics), denominator: total(exportMetrics) },
    droppedSpans: total(['kaiku_otel_dropped_spans_total']),
    level: (metric, labels = {}) => {
      const matching = complete(metric).filter(({ series }) =>
        Object.entries(labels).every(([key, value]) => series.labels[key] === value),
      );
      return newestMinute(matching);
    },
  };
}

/** The sum over series of the newest minute that any of them has: increases of counters, readings of gauges. */
function newestMinute(rows: readonly MinuteRow[]): number | null {
  if (rows.length === 0) return null;
  const newestMs = Math.max(...rows.map((row) => row.minuteMs));
  const present = rows.filter((row) => row.minuteMs === newestMs);
  if (present.every((row) => row.last === null && row.max === null)) return increase(present);
  return readings(present).reduce((sum, reading) => sum + reading.value, 0);
}
