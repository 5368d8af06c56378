import { packedAfterMs } from '@command-center/contract/retention';
import { ensurePartitions } from '@command-center/drizzle/partitions';
import { newHolder, takeLease } from '@command-center/sidecar/lead/lease';
import { mergeSettled } from '@command-center/sidecar/lead/merge';
import { purge } from '@command-center/sidecar/lead/purge';
import { rollUpDirty, rollUpPace } from '@command-center/sidecar/lead/rollUp';
import { tidyPacked } from '@command-center/sidecar/lead/tidy';
import type { Sql } from 'postgres';
import { writeLogs, writeSpans } from './events.ts';
import { preparePool, writeMinutes } from './minutes.ts';
import { type BenchSeries, writeSeries } from './series.ts';

/**
 * Thirty days of data as they lie after thirty days: minutes are written where sidecars write closed ones, rolled up, packed, merged and purged by the leader's own
 * code. Sketches come from a pool made by the sidecar's code (minutes.ts).
 */

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

export interface Month {
  readonly series: readonly BenchSeries[];
  readonly samples: number;
  readonly logs: number;
  readonly spans: number;
  /** Seconds of the leader's work on a day: rolling its hours up, packing and merging them. */
  readonly leaderSecondsADay: number;
  /** Seconds of the last run of retention, sketches of packed days and emptied partitions included. */
  readonly purgeSeconds: number;
}

export interface MonthOptions {
  readonly days: number;
  readonly logs: number;
  readonly spans: number;
  readonly say: (line: string) => void;
}

/** `sql`: of one connection, without a statement timeout of its own. */
export async function buildMonth(sql: Sql, { days, logs, spans, say }: MonthOptions): Promise<Month> {
  const random = seeded(7);
  const series = await writeSeries(sql);
  await preparePool(sql, series, random);
  const holder = await lead(sql);
  const nowMs = Math.floor(Date.now() / 60_000) * 60_000;
  const fromMs = nowMs - days * DAY_MS;
  // The hours are marked as batches mark them; nothing is left to hand over.
  const packedUpTo = new Date(Math.floor((nowMs - packedAfterMs) / HOUR_MS) * HOUR_MS);
  await sql`UPDATE telemetry_rollup_progress SET next_hour = date_trunc('hour', now(), 'UTC'), next_packed_hour = ${packedUpTo}, next_merged_hour = date_trunc('hour', now(), 'UTC')`;
  const startedAt = performance.now();
  let samples = 0;
  let leaderMs = 0;
  for (let dayMs = Math.floor(fromMs / DAY_MS) * DAY_MS; dayMs < nowMs; dayMs += DAY_MS) {
    const from = new Date(Math.max(dayMs, fromMs));
    const to = new Date(Math.min(dayMs + DAY_MS, nowMs));
    const share = (to.getTime() - from.getTime()) / (nowMs - fromMs);
    await ensurePartitions(sql, [from]);
    await writeLogs(sql, from, to, Math.max(1, Math.round(logs * share)));
    await writeSpans(sql, from, to, Math.max(2, Math.round(spans * share)));
    const isToday = nowMs - to.getTime() < DAY_MS;
    // Today by the hour, as it grows: its samples and their pages are those of the hours that are not packed yet.
    for (const [start, end] of isToday ? hoursOf(from, to) : [[from, to] as const]) {
      samples += await writeMinutes(sql, start, end);
      const leaderStartedAt = performance.now();
      await rollUpBetween(sql, holder, start, end);
      leaderMs += performance.now() - leaderStartedAt;
      // Autovacuum comes when it likes.
      if (isToday) await sql.unsafe('VACUUM telemetry_metric_samples');
    }
    await tidyPacked(sql, holder);
    const seconds = Math.round((performance.now() - startedAt) / 1_000);
    const done = (to.getTime() - fromMs) / (nowMs - fromMs);
    say(
      `${(samples / 1e6).toFixed(1)} M samples, ${Math.round(done * 100)} %, ${seconds} s, about ${Math.round(seconds / done - seconds)} s left`,
    );
  }
  const purgeStartedAt = performance.now();
  await purge(sql, holder, 30);
  await tidyPacked(sql, holder);
  const purgeSeconds = (performance.now() - purgeStartedAt) / 1_000;
  await sql.unsafe('VACUUM ANALYZE');
  return { series, samples, logs, spans, leaderSecondsADay: leaderMs / days / 1_000, purgeSeconds };
}

/** Takes the lease for good: a bench renews none. */
export async function lead(sql: Sql): Promise<number> {
  const holder = await newHolder(sql);
  if (!(await takeLease(sql, holder))) throw new Error('somebody else leads in this database');
  await sql`UPDATE telemetry_leader SET until = 'infinity' WHERE holder = ${holder}`;
  return holder;
}

function hoursOf(from: Date, to: Date): (readonly [Date, Date])[] {
  const hours: [Date, Date][] = [];
  for (let ms = from.getTime(); ms < to.getTime(); ms = (Math.floor(ms / HOUR_MS) + 1) * HOUR_MS)
    hours.push([new Date(ms), new Date(Math.min((Math.floor(ms / HOUR_MS) + 1) * HOUR_MS, to.getTime()))]);
  return hours;
}

async function rollUpBetween(sql: Sql, holder: number, from: Date, to: Date): Promise<void> {
  const lastHour = new Date(Math.min(to.getTime(), Math.floor(Date.now() / HOUR_MS) * HOUR_MS) - HOUR_MS);
  await sql`
    INSERT INTO telemetry_dirty_hours (hour, series_id)
    SELECT hour, s.id FROM generate_series(date_trunc('hour', ${from}::timestamptz, 'UTC'), ${lastHour}::timestamptz, interval '1 hour') AS hour
    CROSS JOIN bench_series AS s`;
  const pace = rollUpPace();
  while ((await rollUpDirty(sql, holder, undefined, pace)).isMoreLeft);
  while ((await mergeSettled(sql, holder)).isMoreLeft);
}

/** Mulberry32. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
