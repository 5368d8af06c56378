import { countsServerErrors } from '@command-center/contract/serverErrors';
import { decodeSketch } from '@command-center/contract/sketch/codec';
import { type Percentile, percentile } from '@command-center/contract/sketch/percentile';
import { countOf, mergeMany, type SpanList } from '@command-center/contract/sketch/spans';
import { minRatioEvents } from '@command-center/contract/thresholds';
import { labelOf, type MinuteRow, type RowsByMetric, readings } from './recent.ts';

/** What is measured out of minutes; pure. */

export const minuteMs = 60_000;

/** A minute is complete, and its rates may be read, this long after it ended (design §6). */
const COMPLETE_AFTER_MS = 10_000;

/** Start of the newest complete minute. */
export function newestCompleteMs(nowMs: number): number {
  return Math.floor((nowMs - COMPLETE_AFTER_MS) / minuteMs) * minuteMs - minuteMs;
}

/** Start of the oldest minute that overlaps the last `minutes` minutes. */
export function fromMinuteMs(nowMs: number, minutes: number): number {
  return Math.floor(nowMs / minuteMs) * minuteMs - minutes * minuteMs;
}

export function since(rows: readonly MinuteRow[], fromMs: number): readonly MinuteRow[] {
  return rows.filter((row) => row.minuteMs >= fromMs);
}

/** Of counters: the increase. */
export function increase(rows: readonly MinuteRow[]): number {
  return rows.reduce((sum, row) => sum + row.sum, 0);
}

export function isServerError(row: MinuteRow): boolean {
  return countsServerErrors(row.series.labels);
}

/** Of joins of voice rooms: one that succeeded. */
export function isConnected(row: MinuteRow): boolean {
  return labelOf(row.series, 'voice.session_outcome') === 'connected';
}

export interface Distribution {
  readonly count: number;
  /** Null where a part came without buckets: nobody knows its percentiles. */
  readonly p95: Percentile | null;
}

/** The merged distribution of a histogram's rows. */
export function distributionOf(rows: readonly MinuteRow[]): Distribution {
  return p95Of(rows, mergedSketch(rows));
}

function mergedSketch(rows: readonly MinuteRow[]): SpanList {
  return mergeMany(rows.flatMap((row) => (row.sketch === null ? [] : [decodeSketch(row.sketch)])));
}

function p95Of(rows: readonly MinuteRow[], spans: SpanList): Distribution {
  const filled = rows.filter((row) => row.count > 0);
  const count = filled.reduce((sum, row) => sum + row.count, 0);
  const limit = (pick: (row: MinuteRow) => number | null, choose: (...values: number[]) => number): number | null => {
    const values = filled.map(pick).filter((value) => value !== null);
    return values.length === filled.length && values.length > 0 ? choose(...values) : null;
  };
  const limits = { min: limit((row) => row.min, Math.min), max: limit((row) => row.max, Math.max) };
  return { count, p95: count > 0 && countOf(spans) === count ? percentile(spans, 0.95, limits) : null };
}

export interface RankedDistribution extends Distribution {
  /** `checkout GET /cart/{id}`; null where no group has events enough to be judged. */
  readonly slowest: string | null;
}

/** The distribution over all rows, and which service and route has the greatest p95 of those with at least 20 events. */
export function rankedDistribution(rows: readonly MinuteRow[]): RankedDistribution {
  const groups = Map.groupBy(rows, serviceAndRoute);
  let slowest: { name: string; value: number } | undefined;
  const sketches: SpanList[] = [];
  for (const [name, members] of groups) {
    const spans = mergedSketch(members);
    sketches.push(spans);
    const { count, p95 } = p95Of(members, spans);
    if (p95 === null || count < minRatioEvents || name === '') continue;
    if (slowest === undefined || p95.value > slowest.value) slowest = { name, value: p95.value };
  }
  return { ...p95Of(rows, mergeMany(sketches)), slowest: slowest?.name ?? null };
}

/** The service and route that counts most, `orders /cart/{id}`; null where nothing was counted. */
export function mostCounted(rows: readonly MinuteRow[]): string | null {
  let most: { name: string; count: number } | undefined;
  for (const [name, members] of Map.groupBy(rows, serviceAndRoute)) {
    const count = increase(members);
    if (name !== '' && count > (most?.count ?? 0)) most = { name, count };
  }
  return most?.name ?? null;
}

function serviceAndRoute({ series }: MinuteRow): string {
  return ['service.name', 'http.route']
    .map((key) => labelOf(series, key))
    .join(' ')
    .trim();
}

export type Resource = 'DB_POOL' | 'OTEL_QUEUE' | 'PROCESS_MEMORY';

/** How full something is. */
export interface Fill {
  readonly resource: Resource;
  /** `DB pool, orders`. */
  readonly subject: string;
  readonly percent: number;
}

/** Pools by service, queues by exporter, memory by service; readings of [fromMs, toMs], the newest of each. Memory, no sum, may be of the open minute. */
export function fills(
  rows: RowsByMetric,
  span: { readonly fromMs: number; readonly toMs: number; readonly memoryToMs: number },
  memoryLimitBytes: number | undefined,
): readonly Fill[] {
  const newest = (metric: string, toMs: number, keys: readonly string[], isWanted = (_: MinuteRow) => true) => {
    const wanted = (rows.get(metric) ?? []).filter(
      (row) => row.minuteMs >= span.fromMs && row.minuteMs <= toMs && isWanted(row),
    );
    const isAdditive = wanted[0]?.series.merge === 'sum';
    const found = new Map<string, { minuteMs: number; value: number }>();
    for (const { series, minuteMs: at, value } of readings(wanted)) {
      const key = keys
        .map((label) => labelOf(series, label))
        .filter(Boolean)
        .join(' ');
      const known = found.get(key);
      // Series that differ only in other labels are one in the newest minute of any of them.
      if (known === undefined) found.set(key, { minuteMs: at, value });
      else if (known.minuteMs === at) known.value = isAdditive ? known.value + value : Math.max(known.value, value);
    }
    return found;
  };
  const ratio = (
    resource: Resource,
    words: string,
    parts: ReturnType<typeof newest>,
    wholes: ReturnType<typeof newest>,
  ) =>
    [...parts].flatMap(([key, part]): Fill[] => {
      const whole = wholes.get(key)?.value ?? 0;
      if (whole <= 0) return [];
      return [{ resource, subject: key === '' ? words : `${words}, ${key}`, percent: (100 * part.value) / whole }];
    });
  const pool = ['service.name'];
  const queue = ['service.name', 'exporter', 'data_type'];
  const isUsed = (row: MinuteRow): boolean => labelOf(row.series, 'db.client.connection.state') === 'used';
  const memory = newest('process.memory.usage', span.memoryToMs, pool);
  const limits = new Map([...memory.keys()].map((key) => [key, { minuteMs: 0, value: memoryLimitBytes ?? 0 }]));
  return [
    ...ratio(
      'DB_POOL',
      'DB pool',
      newest('db.client.connection.count', span.toMs, pool, isUsed),
      newest('db.client.connection.max', span.toMs, pool),
    ),
    ...ratio(
      'OTEL_QUEUE',
      'collector queue',
      newest('otelcol_exporter_queue_size', span.toMs, queue),
      newest('otelcol_exporter_queue_capacity', span.toMs, queue),
    ),
    ...ratio('PROCESS_MEMORY', 'memory', memory, limits),
  ];
}
