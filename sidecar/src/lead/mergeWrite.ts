import type { TransactionSql } from 'postgres';
import type { MergedWindow } from './mergeRead.ts';

const HOUR_MS = 3_600_000;

/** Columns of both tables, in their order, with what they hold of a window. */
const columns: readonly (readonly [
  name: string,
  type: string,
  pick: (window: MergedWindow) => number | undefined | null,
])[] = [
  ['value_count', 'double precision', (window) => window.count],
  ['value_sum', 'double precision', (window) => window.sum],
  ['value_last', 'double precision', (window) => window.value],
  ['value_min', 'double precision', (window) => window.min],
  ['value_max', 'double precision', (window) => window.max],
  ...['p50', 'p95', 'p99'].flatMap((p, at) => [
    [`value_${p}`, 'double precision', (window: MergedWindow) => window.percentiles[at]?.value] as const,
    [`${p}_low`, 'smallint', (window: MergedWindow) => window.percentiles[at]?.low] as const,
    [`${p}_high`, 'smallint', (window: MergedWindow) => window.percentiles[at]?.high] as const,
  ]),
];
const names = columns.map(([name]) => name).join(', ');

/** One row an hour; an array that no minute has a number for is left out. */
export async function writeMergedMinutes(
  tx: TransactionSql,
  metricName: string,
  windows: readonly MergedWindow[],
): Promise<void> {
  const hours = Map.groupBy(windows, ({ startMs }) => Math.floor(startMs / HOUR_MS) * HOUR_MS);
  const rows = [...hours].map(([hourMs, minutes]) => ({
    hour: new Date(hourMs),
    minutes: minutes.map(({ startMs }) => (startMs - hourMs) / 60_000),
    ...Object.fromEntries(
      columns.flatMap(([name, , pick]) => {
        const values = minutes.map((minute) => pick(minute) ?? null);
        return values.every((value) => value === null) ? [] : [[name, values]];
      }),
    ),
  }));
  if (rows.length === 0) return;
  const types = columns.map(([name, type]) => `${name} ${type}[]`).join(', ');
  await tx`
    /* write-merged-minutes */
    INSERT INTO telemetry_merged_minutes (metric_name, hour, minutes, ${tx.unsafe(names)})
    SELECT ${metricName}, hour, minutes, ${tx.unsafe(names)}
    FROM jsonb_to_recordset(${tx.json(rows)}) AS r (hour timestamptz, minutes smallint[], ${tx.unsafe(types)})`;
}

export async function writeMergedHours(
  tx: TransactionSql,
  metricName: string,
  windows: readonly MergedWindow[],
): Promise<void> {
  const rows = windows.map((window) => ({
    hour: new Date(window.startMs),
    ...Object.fromEntries(columns.map(([name, , pick]) => [name, pick(window) ?? null])),
  }));
  if (rows.length === 0) return;
  const types = columns.map(([name, type]) => `${name} ${type}`).join(', ');
  await tx`
    /* write-merged-hours */
    INSERT INTO telemetry_merged_hours (metric_name, hour, ${tx.unsafe(names)})
    SELECT ${metricName}, hour, ${tx.unsafe(names)}
    FROM jsonb_to_recordset(${tx.json(rows)}) AS r (hour timestamptz, ${tx.unsafe(types)})`;
}
