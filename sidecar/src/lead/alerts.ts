import type { Colour } from '@command-center/contract/api/primitives';
import type { StoredSummary } from '@command-center/contract/api/summary';
import { scaled } from '@command-center/contract/sketch/percentile';
import { coloured, colouredPercentile, type ThresholdName, thresholds } from '@command-center/contract/thresholds';
import { isBurst } from './bursts.ts';
import type { Distribution } from './measures.ts';
import type { Ratio, Situation } from './situation.ts';
import type { Bounds } from './vitalSigns.ts';

/** Signals past a threshold (contract.md §5); pure. */

export type Alert = StoredSummary['alerts'][number];

interface Signal {
  readonly threshold: ThresholdName;
  /** Stays the same while the alert lasts, so it tells alerts apart. */
  readonly subject: string;
  /** In the threshold's unit. */
  readonly value: number | null;
  readonly colour: Colour;
}

/** Every signal of the threshold table, each over 5 min; what is kept per service or exporter is one signal each. */
export function signals(situation: Situation, bounds: Bounds): readonly Signal[] {
  const {
    latency,
    errors,
    fills,
    dbQuery,
    voiceJoins,
    packetLoss,
    jitter,
    exportFailures,
    droppedSpans,
    errorRecords,
  } = situation;
  const percentile = (threshold: ThresholdName, subject: string, of: Distribution, factor: number): Signal => {
    const p95 = scaled(of.p95, factor);
    return { threshold, subject, value: p95?.value ?? null, colour: colouredPercentile(bounds, threshold, p95) };
  };
  const plain = (threshold: ThresholdName, subject: string, value: number | null, events?: number): Signal => {
    return { threshold, subject, value, colour: coloured(bounds, threshold, value, events) };
  };
  const share = (threshold: ThresholdName, subject: string, { numerator, denominator }: Ratio): Signal =>
    plain(threshold, subject, denominator > 0 ? (100 * numerator) / denominator : null, denominator);
  return [
    percentile('API_LATENCY_P95', 'all services', latency, 1000),
    share('API_ERROR_RATE', 'all services', errors),
    percentile('DB_QUERY_P95', 'all services', dbQuery, 1000),
    share('VOICE_JOIN_SUCCESS', 'all rooms', voiceJoins),
    percentile('VOICE_PACKET_LOSS_P95', 'all rooms', packetLoss, 100),
    percentile('VOICE_JITTER_P95', 'all rooms', jitter, 1),
    share('OTEL_EXPORT_FAILURE', 'all exporters', exportFailures),
    plain('OTEL_DROPPED_SPANS', 'all services', droppedSpans),
    ...errorRecords.filter(isBurst).map(({ service, count }) => plain('ERROR_RECORDS', service, count)),
    ...fills.map(({ resource, subject, percent }) => plain(resource, subject, percent)),
  ];
}

/** `since` is kept from the previous summary while the alert lasts. Red ones first. */
export function alertsOf(situation: Situation, bounds: Bounds, previous: readonly Alert[]): Alert[] {
  const now = new Date(situation.nowMs).toISOString();
  const active = signals(situation, bounds).flatMap(({ threshold, subject, value, colour }): Alert[] => {
    if (value === null || colour === null || colour === 'green') return [];
    const { signal, unit } = thresholds[threshold];
    const known = previous.find((alert) => alert.signal === signal && alert.subject === subject);
    const edge = colour === 'red' ? bounds[threshold].crit : bounds[threshold].warn;
    return [{ signal, subject, value, unit, colour, threshold: edge, since: known?.since ?? now }];
  });
  return active.sort((a, b) => Number(b.colour === 'red') - Number(a.colour === 'red'));
}
