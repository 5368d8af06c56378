import { textArray } from '@command-center/drizzle/arrays';
import type { TransactionSql } from 'postgres';
import { fromMinuteMs, minuteMs } from './measures.ts';

/** ERROR records of the last minutes that one service wrote, and what is usual for it. Source: docs/adr/0024-the-verdict-knows-every-red-signal.md. */
export interface ErrorRecords {
  readonly service: string;
  /** By their own time, over the last 5 min with the open one; counted up to `maxCounted`. */
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
  const recent = await tx<{ service: string; n: number }[]>`
    /* error-records */
    SELECT service, count(*)::integer AS n
    FROM (
      SELECT service FROM telemetry_log_events
      WHERE level = 'ERROR' AND ts >= ${new Date(fromMs)} AND ts < ${new Date(nowMs + minuteMs)}
      ORDER BY ts DESC LIMIT ${maxCounted}
    ) AS newest
    GROUP BY service`;
  if (recent.length === 0) return [];
  const before = await tx<{ service: string; n: number }[]>`
    /* error-records-before */
    SELECT service, count(*)::integer AS n
    FROM (
      SELECT service FROM telemetry_log_events
      WHERE level = 'ERROR' AND ts >= ${new Date(fromMs - HOUR_MINUTES * minuteMs)} AND ts < ${new Date(fromMs)}
      ORDER BY ts DESC LIMIT ${maxCounted}
    ) AS hour
    WHERE service = ANY (${textArray(recent.map(({ service }) => service))}::text[])
    GROUP BY service`;
  const usual = new Map(before.map(({ service, n }) => [service, (n * WINDOW_MINUTES) / HOUR_MINUTES]));
  return recent.map(({ service, n }) => ({ service, count: n, usual: usual.get(service) ?? 0 }));
}

/** Times of the usual that are a burst. */
const BURST_FACTOR = 10;

/** Whether a service writes far more ERROR records than it is used to. */
export function isBurst({ count, usual }: ErrorRecords): boolean {
  return count > BURST_FACTOR * usual;
}
