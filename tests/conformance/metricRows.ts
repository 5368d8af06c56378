import { decodeSketch } from '@command-center/contract/sketch/codec';
import { lowerEdge, upperEdge } from '@command-center/contract/sketch/grid';
import { emptySpans, mergeSpans, type SpanList } from '@command-center/contract/sketch/spans';
import type { Sql } from 'postgres';
import { minuteZeroMs } from './metrics.ts';

/** What the tables hold of one series in one minute, merged over writers and over open and closed windows (design §4). */
export interface Minute {
  readonly name: string;
  readonly labels: Readonly<Record<string, unknown>>;
  /** Counted from minute zero. */
  readonly minute: number;
  readonly count: number | null;
  readonly sum: number | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly last: number | null;
  /** Of one writer's row; null where several share the minute. */
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  /** Null where no row has a sketch: not a histogram. */
  readonly spans: SpanList | null;
}

interface Row extends Omit<Minute, 'minute' | 'spans'> {
  readonly ms: number;
  readonly lastMs: number | null;
  readonly sketch: Uint8Array | null;
}

/** Every minute of a metric under a label value, ordered by labels and time. */
export async function minutesOf(sql: Sql, service: string, name: string): Promise<Minute[]> {
  return merged(await rowsOf(sql, name, { 'service.name': service }));
}

/** Every minute of every series of a metric. */
export async function minutesOfAll(sql: Sql, name: string): Promise<Minute[]> {
  return merged(await rowsOf(sql, name, {}));
}

function rowsOf(sql: Sql, name: string, labels: Readonly<Record<string, string>>): Promise<Row[]> {
  return sql<Row[]>`
    SELECT metric_name AS name, labels, extract(epoch FROM ts)::float8 * 1000 AS ms, value_count::float8 AS count, value_sum AS sum,
      value_min AS min, value_max AS max, value_last AS last, value_last_ms AS "lastMs", value_p50 AS p50, value_p95 AS p95,
      value_p99 AS p99, sketch
    FROM (SELECT * FROM telemetry_open_windows UNION ALL SELECT * FROM telemetry_metric_samples) part
    JOIN telemetry_metric_series series ON series.id = part.series_id
    WHERE metric_name = ${name} AND labels @> ${sql.json(labels)}
    ORDER BY labels::text, ts, writer`;
}

function merged(rows: readonly Row[]): Minute[] {
  const groups = Map.groupBy(rows, (row) => `${JSON.stringify(row.labels)} ${row.ms}`);
  return [...groups.values()].flatMap((parts) => {
    const [first] = parts;
    return first === undefined ? [] : [mergedMinute(first, parts)];
  });
}

function mergedMinute(first: Row, parts: readonly Row[]): Minute {
  const isAlone = parts.length === 1;
  const sketches = parts.flatMap(({ sketch }) => (sketch === null ? [] : [decodeSketch(sketch)]));
  const newest = parts.toSorted((a, b) => (b.lastMs ?? 0) - (a.lastMs ?? 0) || (b.last ?? 0) - (a.last ?? 0))[0];
  // Rows of additive gauges have no extremes, and add up.
  const isAdditive = first.min === null;
  return {
    name: first.name,
    labels: first.labels,
    minute: (first.ms - minuteZeroMs) / 60_000,
    count: total(parts.map((row) => row.count)),
    sum: total(parts.map((row) => row.sum)),
    min: extreme(
      Math.min,
      parts.map((row) => row.min),
    ),
    max: extreme(
      Math.max,
      parts.map((row) => row.max),
    ),
    last: isAdditive ? total(parts.map((row) => row.last)) : (newest?.last ?? null),
    p50: isAlone ? first.p50 : null,
    p95: isAlone ? first.p95 : null,
    p99: isAlone ? first.p99 : null,
    spans: sketches.length === 0 ? null : sketches.reduce(mergeSpans, emptySpans),
  };
}

function total(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0);
}

function extreme(choose: (...values: number[]) => number, values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length < values.length ? null : choose(...known);
}

/** Where values lie, `[lower edge, upper edge, count]`, edges rounded to nine digits. */
export function spansAsEdges(spans: SpanList | null | undefined): (readonly [number, number, number])[] {
  const round = (edge: number): number => Number(edge.toPrecision(9));
  return (spans ?? emptySpans).spans.map(({ first, width, count }) => [
    round(lowerEdge(first)),
    round(upperEdge(first + width - 1)),
    count,
  ]);
}

/** How often each reason was counted for the service: what was noted, refused or dropped, labels apart. */
export async function reasonsOf(sql: Sql, service: string): Promise<Readonly<Record<string, number>>> {
  const rows = await sql<{ reason: string; count: number }[]>`
    SELECT reason, sum(count)::float8 AS count FROM telemetry_intake
    WHERE signal = 'metrics' AND service = ${service} AND outcome IN ('noted', 'refused', 'dropped')
      AND reason NOT IN ('label_dropped', 'forbidden_key')
    GROUP BY reason ORDER BY reason`;
  return Object.fromEntries(rows.map(({ reason, count }) => [reason, count]));
}
