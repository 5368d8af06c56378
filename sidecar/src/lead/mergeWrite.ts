import { columnsOf, type MergedWindow, numbersOf } from '@command-center/contract/trends/merged';
import { numberArray, textArray } from '@command-center/drizzle/arrays';
import { hourOf } from '@command-center/drizzle/trends/columns';
import type { TransactionSql } from 'postgres';

/** One row an hour. */
export async function writeMergedMinutes(
  tx: TransactionSql,
  metricName: string,
  windows: readonly MergedWindow[],
): Promise<void> {
  const hours = [...Map.groupBy(windows, ({ startMs }) => hourOf(startMs))];
  const columns = hours.map(([hourMs, minutes]) => JSON.stringify(columnsOf(minutes, hourMs)));
  await tx`
    /* write-merged-minutes */
    INSERT INTO telemetry_merged_minutes (metric_name, hour, columns)
    SELECT ${metricName}, to_timestamp(ms / 1000), columns::json
    FROM unnest(${numberArray(hours.map(([hourMs]) => hourMs))}::double precision[], ${textArray(columns)}::text[]) AS u (ms, columns)`;
}

export async function writeMergedHours(
  tx: TransactionSql,
  metricName: string,
  windows: readonly MergedWindow[],
): Promise<void> {
  const numbers = windows.map((window) => JSON.stringify(numbersOf(window)));
  await tx`
    /* write-merged-hours */
    INSERT INTO telemetry_merged_hours (metric_name, hour, numbers)
    SELECT ${metricName}, to_timestamp(ms / 1000), numbers::json
    FROM unnest(${numberArray(windows.map(({ startMs }) => startMs))}::double precision[], ${textArray(numbers)}::text[]) AS u (ms, numbers)`;
}
