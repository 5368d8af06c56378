import process from 'node:process';
import { parseArgs } from 'node:util';
import { openMonth } from './month/database.ts';
import { bytesByKind, megabytesByTable } from './month/sizes.ts';

/**
 * `npm run bench:storage`: 30 days of data, and what they take on disk. `--data FOLDER` keeps them there for the next run and for `bench:query`. Last line:
 * one JSON object.
 */

const { values: flags } = parseArgs({
  options: {
    days: { type: 'string', default: '30' },
    logs: { type: 'string', default: '1000000' },
    spans: { type: 'string', default: '1000000' },
    data: { type: 'string' },
  },
});
/** The plan's, a month: usual and heavy. */
const PLAN_MB = { usual: 500, heavy: 2_000 };

const days = Number(flags.days);
const say = (line: string): void => void process.stderr.write(`${line}\n`);
const database = await openMonth({ days, logs: Number(flags.logs), spans: Number(flags.spans), say }, flags.data);
try {
  const { month, sql } = database;
  const tables = await megabytesByTable(sql);
  const bytesEach = (table: string, rows: number): number => Math.round(((tables[table] ?? 0) * 1e6) / rows);
  const seconds = (value: number): number => Math.round(value * 100) / 100;
  process.stdout.write(
    `${JSON.stringify({
      bench: 'storage',
      days,
      series: month.series.length,
      samples: month.samples,
      bytes_a_sample: await bytesByKind(sql),
      bytes_a_log: bytesEach('telemetry_log_events', month.logs),
      bytes_a_span: bytesEach('telemetry_trace_index', month.spans),
      mb: tables,
      plan_mb: PLAN_MB,
      leader_seconds_a_day: seconds(month.leaderSecondsADay),
      purge_seconds: seconds(month.purgeSeconds),
    })}\n`,
  );
} finally {
  await database.stop();
}
