import type { Colour } from './api/primitives.ts';

/** A row of contract.md §5. */
export interface Threshold {
  /** Of the signal, in words. */
  readonly signal: string;
  readonly unit: 'ms' | '%' | '{span}' | '{record}';
  readonly warn: number;
  readonly crit: number;
  /** Join success falls into the red; everything else rises. */
  readonly isLowerWorse: boolean;
  /** Of ratios: what is divided by what, so that too few events take no colour (contract.md §1, "Few samples"). */
  readonly ratio?: { readonly numerator: readonly string[]; readonly denominator: readonly string[] };
}

const exporter = (...fates: readonly string[]): string[] =>
  fates.flatMap((fate) =>
    ['spans', 'metric_points', 'log_records'].map((record) => `otelcol_exporter_${fate}_${record}`),
  );
// What is marked pure is left out of the console, which colours and has no need of the table.
/** Export failures (contract.md §4): what collectors lost, over that and what they sent. */
export const exportRatio: NonNullable<Threshold['ratio']> = {
  numerator: /* @__PURE__ */ exporter('send_failed', 'enqueue_failed'),
  denominator: /* @__PURE__ */ exporter('send_failed', 'enqueue_failed', 'sent'),
};

const rows = {
  API_LATENCY_P95: { signal: 'API p95 latency', unit: 'ms', warn: 200, crit: 1000, isLowerWorse: false },
  API_ERROR_RATE: {
    signal: 'API error rate (5xx)',
    unit: '%',
    warn: 1,
    crit: 5,
    isLowerWorse: false,
    ratio: { numerator: ['kaiku_http_errors_total'], denominator: ['kaiku_http_requests_total'] },
  },
  DB_POOL: { signal: 'DB pool utilisation', unit: '%', warn: 70, crit: 90, isLowerWorse: false },
  DB_QUERY_P95: { signal: 'DB query p95', unit: 'ms', warn: 100, crit: 500, isLowerWorse: false },
  VOICE_JOIN_SUCCESS: {
    signal: 'Voice join success',
    unit: '%',
    warn: 95,
    crit: 80,
    isLowerWorse: true,
    ratio: { numerator: ['kaiku_voice_joins_total'], denominator: ['kaiku_voice_joins_total'] },
  },
  VOICE_PACKET_LOSS_P95: { signal: 'Voice packet loss p95', unit: '%', warn: 2, crit: 5, isLowerWorse: false },
  VOICE_JITTER_P95: { signal: 'Voice jitter p95', unit: 'ms', warn: 30, crit: 50, isLowerWorse: false },
  OTEL_EXPORT_FAILURE: {
    signal: 'OTel export failure rate',
    unit: '%',
    warn: 1,
    crit: 5,
    isLowerWorse: false,
    ratio: exportRatio,
  },
  OTEL_DROPPED_SPANS: {
    signal: 'OTel dropped spans, last 5 min',
    unit: '{span}',
    warn: 1,
    crit: 100,
    isLowerWorse: false,
  },
  OTEL_QUEUE: { signal: 'Collector queue', unit: '%', warn: 50, crit: 90, isLowerWorse: false },
  /** Counted only of a service that writes over ten times what it is used to (docs/adr/0024-the-verdict-knows-every-red-signal.md). */
  ERROR_RECORDS: { signal: 'ERROR records, last 5 min', unit: '{record}', warn: 20, crit: 100, isLowerWorse: false },
  PROCESS_MEMORY: { signal: 'Process memory, of its limit', unit: '%', warn: 70, crit: 90, isLowerWorse: false },
} as const satisfies Record<string, Threshold>;

export type ThresholdName = keyof typeof rows;

/** The defaults; operators override them by the environment (`thresholdVariable`). */
export const thresholds: Readonly<Record<ThresholdName, Threshold>> = rows;
export const thresholdNames = /* @__PURE__ */ Object.keys(rows) as readonly ThresholdName[];

/** A ratio takes a colour only from so many events in its window (contract.md §1). */
export const minRatioEvents = 20;

const suffixes = { ms: 'MS', '%': 'PCT', '{span}': 'COUNT', '{record}': 'COUNT' } as const;

/** The environment variable of a bound: `COMMAND_CENTER_API_LATENCY_P95_WARN_MS`. */
export function thresholdVariable(name: ThresholdName, bound: 'warn' | 'crit'): string {
  return `COMMAND_CENTER_${name}_${bound.toUpperCase()}_${suffixes[thresholds[name].unit]}`;
}

/**
 * The colour of a value in the threshold's unit: yellow from warn on, red above crit; where lower is worse, yellow at or below warn, red below crit.
 * Null without a value, and for a ratio of fewer than 20 events (`events`; leave it out where the value is no ratio).
 */
export function colourOf(
  threshold: Pick<Threshold, 'warn' | 'crit' | 'isLowerWorse'>,
  value: number | null,
  events?: number,
): Colour {
  if (value === null || Number.isNaN(value)) return null;
  if (events !== undefined && events < minRatioEvents) return null;
  const { warn, crit, isLowerWorse } = threshold;
  if (isLowerWorse ? value < crit : value > crit) return 'red';
  if (isLowerWorse ? value <= warn : value >= warn) return 'yellow';
  return 'green';
}

/** The colour of a value under an operator's bounds; see `colourOf`. */
export function coloured(
  bounds: Readonly<Record<ThresholdName, Pick<Threshold, 'warn' | 'crit'>>>,
  name: ThresholdName,
  value: number | null,
  events?: number,
): Colour {
  return colourOf({ ...bounds[name], isLowerWorse: thresholds[name].isLowerWorse }, value, events);
}

/** A percentile in the threshold's unit, and between which values it lies; `hi` null = in the last, open bucket (interfaces.md §1, "Honest percentiles"). */
export interface Bounded {
  readonly value: number;
  readonly lo: number;
  readonly hi: number | null;
}

/** A bin of the grid (sketch/grid.ts): edges of buckets are rounded out to its edges, so that one at a threshold may lie a bin beyond. */
const bin = 2 ** (1 / 32);

/**
 * Whether it may be green as well as red: the buckets it was counted in are too coarse to tell, and any one colour would be a guess.
 * Source: docs/adr/0022-what-may-be-green-as-well-as-red-has-no-colour.md.
 */
export function isTooCoarse(
  threshold: Pick<Threshold, 'warn' | 'crit' | 'isLowerWorse'>,
  { value, lo, hi }: Bounded,
): boolean {
  const least = Math.min(value, lo * bin);
  const most = hi === null ? Number.POSITIVE_INFINITY : Math.max(value, hi / bin);
  const ends = [colourOf(threshold, least), colourOf(threshold, most)];
  return ends.includes('green') && ends.includes('red');
}

/** The colour of a percentile under an operator's bounds: that of its value, and none where its buckets are too coarse. */
export function colouredPercentile(
  bounds: Readonly<Record<ThresholdName, Pick<Threshold, 'warn' | 'crit'>>>,
  name: ThresholdName,
  percentile: Bounded | null,
): Colour {
  if (percentile === null) return null;
  const threshold = { ...bounds[name], isLowerWorse: thresholds[name].isLowerWorse };
  return isTooCoarse(threshold, percentile) ? null : colourOf(threshold, percentile.value);
}
