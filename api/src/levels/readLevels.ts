import { lateAfterMs, silenceMs } from '@command-center/contract/retention';
import type { ChosenSeries } from '@command-center/drizzle/trends/columns';
import { trendMinutes } from '@command-center/drizzle/trends/minutes';
import { windowsOf } from '@command-center/drizzle/trends/windows';
import type { TransactionSql } from 'postgres';
import { trendRow } from '../queries/trendRows.ts';
import { checked } from '../statement.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** A minute is complete, and additive gauges may be read, this long after it ended (design §6). */
const completeAfterMs = 10_000;
const sparklineMinutes = 60;

/** A gauge as it is now, and its last hour. */
export interface Level {
  /** Of the newest complete minute; null where that is over 3 min old. */
  readonly value: number | null;
  /** Seconds since the newest minute with data began; null = none in the last hour. */
  readonly age_s: number | null;
  /** Its last hour by starts of minutes; those without data are missing. */
  readonly history: ReadonlyMap<number, number | null>;
  /** Start of the newest complete minute. */
  readonly newestMs: number;
}

/** The last hour of a gauge, a point a minute. */
export function sparklineOf({ history, newestMs }: Level): { ts: string; value: number | null }[] {
  return Array.from({ length: sparklineMinutes }, (_, at) => {
    const ms = newestMs - (sparklineMinutes - 1 - at) * minuteMs;
    return { ts: new Date(ms).toISOString(), value: history.get(ms) ?? null };
  });
}

/** The levels of gauges that merge alike, by position of the member; each member has one. */
export async function readLevels(
  tx: TransactionSql,
  shape: 'additive' | 'max',
  chosen: ChosenSeries,
  count: number,
  nowMs: number,
): Promise<readonly Level[]> {
  const newestMs = Math.floor((nowMs - completeAfterMs) / minuteMs) * minuteMs - minuteMs;
  const fromMs = newestMs - (sparklineMinutes - 1) * minuteMs;
  const period = { fromMs, toMs: nowMs };
  const rows =
    chosen.ids.length === 0
      ? []
      : checked(trendRow, await trendMinutes(tx, shape, chosen, period, nowMs - lateAfterMs - hourMs));
  const byMember = Map.groupBy(windowsOf(shape, minuteMs, period, rows), ({ member }) => member);
  return Array.from({ length: count }, (_, member) => {
    const values = new Map((byMember.get(member) ?? []).map(({ startMs, value }) => [startMs, value]));
    return levelOf(values, newestMs, nowMs);
  });
}

function levelOf(values: ReadonlyMap<number, number | null>, newestMs: number, nowMs: number): Level {
  const complete = [...values.keys()].filter((ms) => ms <= newestMs && ms + minuteMs > nowMs - silenceMs);
  const heardMs = Math.max(...values.keys());
  return {
    value: complete.length === 0 ? null : (values.get(Math.max(...complete)) ?? null),
    age_s: values.size === 0 ? null : Math.max(0, Math.round((nowMs - heardMs) / 1000)),
    history: values,
    newestMs,
  };
}
