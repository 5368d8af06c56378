import type { StoredSummary } from '@command-center/contract/api/summary';
import { coloured, type ThresholdName, thresholds } from '@command-center/contract/thresholds';
import type { Distribution } from './measures.ts';
import type { Ratio, Situation } from './situation.ts';
import type { Bounds } from './vitalSigns.ts';

/** Signals past a threshold (contract.md §5); pure. */

export type Alert = StoredSummary['alerts'][number];

interface Signal {
  readonly threshold: ThresholdName;
  /** Stays the same while the alert lasts, so it tells alerts apart. */
  readonly subject: string;
  readonly value: number | null;
  /** Of ratios. */
  readonly events?: number;
}

/** Every signal of the threshold table, each over 5 min; what is kept per service or exporter is one signal each. */
export function signals(situation: Situation): readonly Signal[] {
  const { latency, errors, fills, dbQuery, voiceJoins, packetLoss, jitter, exportFailures, droppedSpans } = situation;
  return [
    { threshold: 'API_LATENCY_P95', subject: 'all services', value: p95(latency, 1000) },
    { threshold: 'API_ERROR_RATE', subject: 'all services', ...share(errors) },
    { threshold: 'DB_QUERY_P95', subject: 'all services', value: p95(dbQuery, 1000) },
    { threshold: 'VOICE_JOIN_SUCCESS', subject: 'all rooms', ...share(voiceJoins) },
    { threshold: 'VOICE_PACKET_LOSS_P95', subject: 'all rooms', value: p95(packetLoss, 100) },
    { threshold: 'VOICE_JITTER_P95', subject: 'all rooms', value: p95(jitter, 1) },
    { threshold: 'OTEL_EXPORT_FAILURE', subject: 'all exporters', ...share(exportFailures) },
    { threshold: 'OTEL_DROPPED_SPANS', subject: 'all services', value: droppedSpans },
    ...fills.map(({ resource, subject, percent }) => ({ threshold: resource, subject, value: percent })),
  ];
}

function p95(distribution: Distribution, factor: number): number | null {
  return distribution.p95 === null ? null : distribution.p95.value * factor;
}

function share({ numerator, denominator }: Ratio): Pick<Signal, 'value' | 'events'> & { events: number } {
  return { value: denominator > 0 ? (100 * numerator) / denominator : null, events: denominator };
}

/** `since` is kept from the previous summary while the alert lasts. Red ones first. */
export function alertsOf(situation: Situation, bounds: Bounds, previous: readonly Alert[]): Alert[] {
  const now = new Date(situation.nowMs).toISOString();
  const active = signals(situation).flatMap(({ threshold, subject, value, events }): Alert[] => {
    const colour = coloured(bounds, threshold, value, events);
    if (value === null || colour === null || colour === 'green') return [];
    const { signal, unit } = thresholds[threshold];
    const known = previous.find((alert) => alert.signal === signal && alert.subject === subject);
    const edge = colour === 'red' ? bounds[threshold].crit : bounds[threshold].warn;
    return [{ signal, subject, value, unit, colour, threshold: edge, since: known?.since ?? now }];
  });
  return active.sort((a, b) => Number(b.colour === 'red') - Number(a.colour === 'red'));
}
