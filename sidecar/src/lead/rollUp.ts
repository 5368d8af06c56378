import type { Sql, TransactionSql } from 'postgres';
import { asLeader } from './lease.ts';
import { maxHandedOverHours, maxRolledUpHours } from './limits.ts';
import { readHours, type SeriesHour } from './readHours.ts';
import { dayOf } from './rollupRow.ts';
import { readHoursOfDay, writeRollups } from './writeRollups.ts';

/** An hour is rolled up this long after its end: a batch judges the hour by its start, and none lives over a minute (design §4). */
const AFTER_END = '5 minutes';
/** `last_seen` of a series is renewed hourly and a point may lie 10 min ahead of it, so one with data in an hour was seen after this before it. */
const SEEN_BEFORE = '3 hours';
/** One pass, so that the summary is not late. */
const PASS_MS = 2_000;

/**
 * Rolls up what has ended and what was changed since, oldest day first, in transactions of the leader. Returns the hours rolled up and whether
 * more are left.
 * @throws LeaseLost
 */
export async function rollUp(
  sql: Sql,
  holder: number,
): Promise<{ readonly hours: number; readonly isMoreLeft: boolean }> {
  const startMs = performance.now();
  await asLeader(sql, holder, handOver);
  let hours = 0;
  while (performance.now() - startMs < PASS_MS) {
    const done = await asLeader(sql, holder, rollUpSome);
    if (done === 0) return { hours, isMoreLeft: false };
    hours += done;
  }
  return { hours, isMoreLeft: true };
}

/** Hours that have ended become dirty for every series seen in them: from there on ended and changed hours go one way. */
async function handOver(tx: TransactionSql): Promise<void> {
  await tx`
    /* hand-over-hours */
    WITH hours AS (
      SELECT hour FROM telemetry_rollup_progress AS p, generate_series(
        greatest(p.next_hour, date_trunc('hour', now(), 'UTC') - interval '30 days'),
        date_trunc('hour', now() - ${AFTER_END}::text::interval, 'UTC') - interval '1 hour', interval '1 hour') AS hour
      ORDER BY hour LIMIT ${maxHandedOverHours}
    ), handed_over AS (
      INSERT INTO telemetry_dirty_hours (hour, series_id)
      SELECT hour, s.id FROM hours JOIN telemetry_metric_series AS s ON s.last_seen >= hour - ${SEEN_BEFORE}::text::interval
    )
    UPDATE telemetry_rollup_progress SET next_hour = newest.hour + interval '1 hour'
    FROM (SELECT max(hour) AS hour FROM hours) AS newest WHERE newest.hour IS NOT NULL`;
}

/** Some hours of the oldest day that has any, and that day of their series. */
async function rollUpSome(tx: TransactionSql): Promise<number> {
  const [oldest] = await tx<{ day_ms: number | null }[]>`
    /* oldest-dirty-day */
    SELECT extract(epoch FROM date_trunc('day', min(d.hour), 'UTC'))::double precision * 1000 AS day_ms
    FROM telemetry_dirty_hours AS d WHERE d.hour < (SELECT next_hour FROM telemetry_rollup_progress)`;
  const dayMs = oldest?.day_ms ?? null;
  if (dayMs === null) return 0;
  const hours = await takeHours(tx, dayMs);
  await writeRollups(tx, '1h', hours, await readHours(tx, dayMs, hours));
  const seriesIds = [...new Set(hours.map(({ seriesId }) => seriesId))];
  const byseries = Map.groupBy(await readHoursOfDay(tx, seriesIds, dayMs), ({ seriesId }) => seriesId);
  const days = seriesIds.map((id) => dayOf(dayMs, bySeries.get(id) ?? [])).filter((day) => day !== null);
  await writeRollups(
    tx,
    '1d',
    seriesIds.map((seriesId) => ({ seriesId, hourMs: dayMs })),
    days,
  );
  return hours.length;
}

/**
 * Takes hours out of the list before anything is read: a batch that commits after this statement has its own row there, one that committed before
 * it is seen by the statements that follow. A day at a time and by series, so that the day of a series is rebuilt once.
 */
async function takeHours(tx: TransactionSql, dayMs: number): Promise<readonly SeriesHour[]> {
  const rows = await tx<{ series_id: number; hour_ms: number }[]>`
    /* take-dirty-hours */
    WITH chosen AS (
      SELECT DISTINCT series_id, hour FROM telemetry_dirty_hours
      WHERE hour >= to_timestamp(${dayMs}::double precision / 1000) AND hour < to_timestamp(${dayMs}::double precision / 1000) + interval '1 day'
        AND hour < (SELECT next_hour FROM telemetry_rollup_progress)
      ORDER BY series_id, hour LIMIT ${maxRolledUpHours}
    ), taken AS (
      DELETE FROM telemetry_dirty_hours AS d USING chosen AS c WHERE d.series_id = c.series_id AND d.hour = c.hour
      RETURNING d.series_id, d.hour
    )
    SELECT DISTINCT series_id, extract(epoch FROM hour)::double precision * 1000 AS hour_ms FROM taken`;
  return rows.map((row) => ({ seriesId: row.series_id, hourMs: row.hour_ms }));
}
