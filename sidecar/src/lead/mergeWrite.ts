import { hourResolution, minuteResolution, type PointWindow, pointOf } from '@command-center/contract/trends/point';
import type { TrendShape } from '@command-center/contract/trends/shape';
import { numberArray, textArray } from '@command-center/drizzle/arrays';
import { hourOf } from '@command-center/drizzle/trends/columns';
import type { TransactionSql } from 'postgres';

interface Metric {
  readonly metricName: string;
  readonly shape: TrendShape;
}

/** Of windows that have ended, none is partial. */
const ENDED = Number.POSITIVE_INFINITY;

/** One row an hour. */
export async function writeMergedMinutes(
  tx: TransactionSql,
  { metricName, shape }: Metric,
  windows: readonly PointWindow[],
): Promise<void> {
  const hours = [...Map.groupBy(windows, ({ startMs }) => hourOf(startMs))];
  const points = hours.map(([, minutes]) =>
    JSON.stringify(minutes.map((window) => pointOf(window, shape, minuteResolution, ENDED))),
  );
  const starts = numberArray(hours.map(([hourMs]) => hourMs));
  const sizes = numberArray(hours.map(([, minutes]) => minutes.length));
  await tx`
    /* write-merged-minutes */
    INSERT INTO telemetry_merged_minutes (metric_name, hour, size, points)
    SELECT ${metricName}, to_timestamp(ms / 1000), size, points::json
    FROM unnest(${starts}::double precision[], ${sizes}::smallint[], ${textArray(points)}::text[]) AS u (ms, size, points)`;
}

export async function writeMergedHours(
  tx: TransactionSql,
  { metricName, shape }: Metric,
  windows: readonly PointWindow[],
): Promise<void> {
  const points = windows.map((window) => JSON.stringify(pointOf(window, shape, hourResolution, ENDED)));
  const starts = numberArray(windows.map(({ startMs }) => startMs));
  await tx`
    /* write-merged-hours */
    INSERT INTO telemetry_merged_hours (metric_name, hour, point)
    SELECT ${metricName}, to_timestamp(ms / 1000), point::json
    FROM unnest(${starts}::double precision[], ${textArray(points)}::text[]) AS u (ms, point)`;
}
