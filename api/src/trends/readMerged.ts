import { trendPoint } from '@command-center/contract/api/trends';
import type { Period } from '@command-center/drizzle/trends/columns';
import type { TransactionSql } from 'postgres';
import { z } from 'zod';
import { mergedHours, mergedMinutes, mergedRow, type WholeMetric } from '../queries/mergedTrend.ts';
import { checked } from '../statement.ts';
import { type PointsText, pointsText } from './pointsText.ts';

const hourMs = 3_600_000;

export interface MergedPart {
  readonly pieces: readonly PointsText[];
  /** From here on nothing is merged. */
  readonly upToMs: number;
}

/** The points of different metrics that the leader merged over all their series, oldest first; a part each. */
export async function readMerged(
  tx: TransactionSql,
  metrics: readonly WholeMetric[],
  resolution: '1m' | '1h',
  period: Period,
): Promise<readonly MergedPart[]> {
  const read = resolution === '1m' ? mergedMinutes : mergedHours;
  const byMetric = Map.groupBy(checked(mergedRow, await read(tx, metrics, period)), ({ metric_name }) => metric_name);
  return metrics.map(({ name }) => {
    const rows = byMetric.get(name) ?? [];
    const pieces = rows.flatMap(({ hour, size, points }) => {
      if (points === null) return [];
      const isCut = hour !== null && (hour.getTime() < period.fromMs || hour.getTime() + hourMs > period.toMs);
      return isCut ? within(points, period) : { text: points.slice(1, -1), size };
    });
    return { pieces, upToMs: rows[0]?.up_to.getTime() ?? period.fromMs };
  });
}

/** The points of an hour that the period begins or ends within. */
function within(points: string, { fromMs, toMs }: Period): PointsText {
  const all = z.array(trendPoint).parse(JSON.parse(points));
  return pointsText(
    all.filter(({ ts }) => {
      const startMs = Date.parse(ts);
      return startMs >= fromMs && startMs < toMs;
    }),
  );
}
