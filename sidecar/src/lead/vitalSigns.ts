import type { StoredSummary, VitalSign } from '@command-center/contract/api/summary';
import { silenceMs } from '@command-center/contract/retention';
import type { Settings } from '@command-center/contract/settings/settings';
import { scaled } from '@command-center/contract/sketch/percentile';
import { type Bounded, coloured, colouredPercentile, isTooCoarse } from '@command-center/contract/thresholds';
import type { Fill } from './measures.ts';
import { minuteNames, type Situation } from './situation.ts';

/** The four vital signs of contract.md §6; pure. */

export type Bounds = Settings['thresholds'];
type Signs = StoredSummary['vital_signs'];
export type Sparklines = Readonly<Record<keyof Signs, VitalSign['sparkline']>>;

export function vitalSigns(situation: Situation, bounds: Bounds, sparklines: Sparklines): Signs {
  return {
    latency: { ...latency(situation, bounds), sparkline: sparklines.latency },
    traffic: { ...traffic(situation), sparkline: sparklines.traffic },
    errors: { ...errors(situation, bounds), sparkline: sparklines.errors },
    saturation: { ...saturation(situation, bounds), sparkline: sparklines.saturation },
  };
}

type Judged = Omit<VitalSign, 'sparkline'>;

const unjudged = { numerator: null, quality: null, lo: null, hi: null } as const;
const noBounds = { warn: null, crit: null } as const;

/** A sign of metrics that are silent, or were never heard, has no value: unknown is not its last value. */
function aged(situation: Situation, metrics: readonly string[], sign: Omit<Judged, 'age_s' | 'unknown'>): Judged {
  const newest = metrics.map(situation.datumMs).filter((ms) => ms !== null);
  const ageMs = newest.length === 0 ? null : Math.max(0, situation.nowMs - Math.max(...newest));
  const age_s = ageMs === null ? null : Math.round(ageMs / 1000);
  if (ageMs !== null && ageMs <= silenceMs) return { ...sign, unknown: false, age_s };
  return { ...sign, ...unjudged, value: null, colour: null, n: null, unknown: true, age_s };
}

function latency(situation: Situation, bounds: Bounds): Judged {
  const { count, slowest } = situation.latency;
  const p95 = scaled(situation.latency.p95, 1000);
  return aged(situation, [minuteNames.latency], {
    ...unjudged,
    value: p95?.value ?? null,
    unit: 'ms',
    colour: colouredPercentile(bounds, 'API_LATENCY_P95', p95),
    n: count,
    subject: `p95 over 5 min${latencyWords(p95, bounds.API_LATENCY_P95, slowest)}`,
    quality: p95?.quality ?? null,
    lo: p95?.lo ?? null,
    hi: p95?.hi ?? null,
    thresholds: bounds.API_LATENCY_P95,
  });
}

function latencyWords(p95: Bounded | null, bounds: Bounds['API_LATENCY_P95'], slowest: string | null): string {
  if (p95 !== null && isTooCoarse({ ...bounds, isLowerWorse: false }, p95)) {
    const between = p95.hi === null ? `${edge(p95.lo)} ms or more` : `between ${edge(p95.lo)} and ${edge(p95.hi)} ms`;
    return `, ${between}: its buckets are too coarse to tell`;
  }
  return slowest === null ? '' : `, slowest: ${slowest}`;
}

/** Two digits: an edge of the grid is that of the sender's bucket to 1 %. */
function edge(value: number): number {
  return Number(value.toPrecision(2));
}

function traffic(situation: Situation): Judged {
  const n = situation.requestsInMinute;
  return aged(situation, [minuteNames.requests], {
    ...unjudged,
    value: n === null ? null : n / 60,
    unit: '/s',
    colour: null,
    n,
    subject: 'requests over 1 min',
    thresholds: noBounds,
  });
}

function errors(situation: Situation, bounds: Bounds): Judged {
  const { failing } = situation;
  const { numerator, denominator } = situation.errors;
  const value = denominator > 0 ? (100 * numerator) / denominator : null;
  return aged(situation, [minuteNames.requests], {
    ...unjudged,
    value,
    unit: '%',
    colour: coloured(bounds, 'API_ERROR_RATE', value, denominator),
    n: denominator,
    numerator,
    subject: failing === null ? '5xx over 5 min' : `5xx over 5 min, most: ${failing}`,
    thresholds: bounds.API_ERROR_RATE,
  });
}

const severity = { red: 3, yellow: 2, green: 1 } as const;

/** The fullest, yet a queue that is red at 91 % is named before a pool that is green at 95 %. */
export function fullest(fills: readonly Fill[], bounds: Bounds): Fill | undefined {
  const rank = (fill: Fill): number => severity[coloured(bounds, fill.resource, fill.percent) ?? 'green'];
  return [...fills].sort((a, b) => rank(b) - rank(a) || b.percent - a.percent)[0];
}

const saturationMetrics = ['db.client.connection.count', 'otelcol_exporter_queue_size', 'process.memory.usage'];

function saturation(situation: Situation, bounds: Bounds): Judged {
  const fill = fullest(situation.fills, bounds);
  return aged(situation, saturationMetrics, {
    ...unjudged,
    value: fill?.percent ?? null,
    unit: '%',
    colour: fill === undefined ? null : coloured(bounds, fill.resource, fill.percent),
    n: null,
    subject: fill?.subject ?? 'fullest of DB pool, collector queue, memory',
    thresholds: fill === undefined ? noBounds : bounds[fill.resource],
  });
}
