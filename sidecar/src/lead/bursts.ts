import type { TransactionSql } from 'postgres';
import { fromMinuteMs, minuteMs } from './measures.ts';

/** ERROR records of the last minutes that one service wrote, and what is usual for it. Source: docs/adr/0024-the-verdict-knows-every-red-signal.md. */
export interface ErrorRecords {
  readonly service: string;
  /** By their own time, over the last 5 min with the open one. */
  readonly count: number;
  /** Mean of 5 min over the hour before. */
  readonly usual: number;
}

const WINDOW_MINUTES = 5;
const HOUR_MINUTES = 60;

/** Records read of each stretch, the newest: a few milliseconds. */
const maxCounted = 10_000;

/** By service. A record is counted in the minute of its own time: what comes late after an outage is no burst of now. */
export async function readErrorRecords(tx: TransactionSql, nowMs: number): Promise<readonly ErrorRecords[]> {
  const fromMs = fromMinuteMs(nowMs, WINDOW_MINUTES);
  // A record may lie a little ahead of now.
  const recent = await countsOf(tx, fromMs, nowMs + minuteMs, nowMs);
  if (recent.size === 0) return [];
  const before = await countsOf(tx, fromMs - HOUR_MINUTES * minuteMs, fromMs, fromMs);
  return [...recent].map(([service, count]) => ({
    service,
    count,
    usual: ((before.get(service) ?? 0) * WINDOW_MINUTES) / HOUR_MINUTES,
  }));
}

/** Records of [fromMs, toMs) by service. Where there are more than are read, what the newest of them say of the time that they cover. */
async function countsOf(
  tx: TransactionSql,
  fromMs: number,
  toMs: number,
  endMs: number,
): Promise<ReadonlyMap<string, number>> {
  const rows = await tx<{ service: string; n: number; total: number; oldest_ms: number }[]>`
    /* error-records */
    SELECT service, count(*)::integer AS n, (sum(count(*)) OVER ())::integer AS total,
      extract(epoch FROM min(min(ts)) OVER ())::double precision * 1000 AS oldest_ms
    FROM (
      SELECT service, ts FROM telemetry_log_events
      WHERE level = 'ERROR' AND ts >= ${new Date(fromMs)} AND ts < ${new Date(toMs)}
      ORDER BY ts DESC LIMIT ${maxCounted}
    ) AS newest
    GROUP BY service`;
  return new Map(
    rows.map(({ service, n, total, oldest_ms }) => {
      const coveredMs = total < maxCounted ? endMs - fromMs : Math.max(1_000, endMs - oldest_ms);
      return [service, Math.round((n * (endMs - fromMs)) / coveredMs)];
    }),
  );
}

/** Times of the usual that are a burst. */
const BURST_FACTOR = 10;

/** Whether a service writes far more ERROR records than it is used to. */
export function isBurst({ count, usual }: ErrorRecords): boolean {
  return count > BURST_FACTOR * usual;
}
