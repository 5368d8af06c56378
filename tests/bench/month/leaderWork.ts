import process from 'node:process';
import { createInterface } from 'node:readline';
import { connect } from '@command-center/drizzle/connect';
import { ensurePartitions } from '@command-center/drizzle/partitions';
import { mergeSettled } from '@command-center/sidecar/lead/merge';
import { purge } from '@command-center/sidecar/lead/purge';
import { rollUpDirty } from '@command-center/sidecar/lead/rollUp';
import { writeLogs, writeSpans } from './events.ts';
import { preparePool, writeMinutes } from './minutes.ts';
import { lead } from './month.ts';
import { writeSeries } from './series.ts';

/** The leader's work for bench/leader.ts: one command a line on stdin, its seconds on stdout. */

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Times the 500 series of a month. */
const FACTOR = 12;

const sql = connect(process.argv[2] ?? '', { name: 'bench-leader', max: 1, statementTimeoutMs: 600_000 });
const hour = new Date((Math.floor(Date.now() / HOUR_MS) - 1) * HOUR_MS);
const settled = new Date(hour.getTime() - 4 * HOUR_MS);
let holder = 0;

const commands: Readonly<Record<string, () => Promise<number>>> = {
  prepare: async () => {
    await preparePool(sql, await writeSeries(sql, FACTOR), Math.random);
    holder = await lead(sql);
    await ensurePartitions(sql, [hour, settled]);
    await writeMinutes(sql, hour, new Date(hour.getTime() + HOUR_MS));
    await writeMinutes(sql, settled, new Date(settled.getTime() + HOUR_MS));
    await sql.unsafe('VACUUM ANALYZE');
    return 0;
  },
  rollUp: () => rollUp(hour),
  pack: () => rollUp(settled),
  merge: async () => {
    await sql`INSERT INTO telemetry_unmerged_hours SELECT DISTINCT ${settled}::timestamptz, metric_name FROM telemetry_metric_series`;
    return timed(async () => {
      while ((await mergeSettled(sql, holder)).isMoreLeft);
    });
  },
  retention: async () => {
    // A whole day past the line, and the part of another that crossed it in an hour.
    const day = new Date(Math.floor((Date.now() - 31 * DAY_MS) / DAY_MS) * DAY_MS);
    const line = new Date(Date.now() - 30 * DAY_MS);
    await ensurePartitions(sql, [day, line]);
    await sql`DELETE FROM bench_series WHERE id > 500`;
    await writeMinutes(sql, day, new Date(day.getTime() + DAY_MS / 4));
    for (const [from, to] of [
      [day, new Date(day.getTime() + DAY_MS)],
      [new Date(line.getTime() - HOUR_MS), line],
    ] as const) {
      await writeLogs(sql, from, to, 33_000);
      await writeSpans(sql, from, to, 33_000);
    }
    return timed(async () => void (await purge(sql, holder, 30)));
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const seconds = await commands[line]?.();
  process.stdout.write(`${seconds?.toFixed(2)}\n`);
}
await sql.end();

/** Seconds to roll up the hour of all series, and to pack it where it has settled for long enough. */
async function rollUp(start: Date): Promise<number> {
  await sql`INSERT INTO telemetry_dirty_hours (hour, series_id) SELECT ${start}::timestamptz, id FROM telemetry_metric_series`;
  return timed(async () => {
    while ((await rollUpDirty(sql, holder)).isMoreLeft);
  });
}

async function timed(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (performance.now() - startedAt) / 1_000;
}
