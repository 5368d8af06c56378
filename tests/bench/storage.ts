import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { connect } from '@command-center/drizzle/connect';
import { migrate } from '@command-center/drizzle/migrate';
import { startPostgres } from '@command-center/infra/local/postgres';
import { buildMonth } from './month/month.ts';
import { bytesByKind, megabytesByTable } from './month/sizes.ts';

/** `npm run bench:storage`: 30 days of data, and what they take on disk. Last line: one JSON object. */

const { values: flags } = parseArgs({
  options: {
    days: { type: 'string', default: '30' },
    logs: { type: 'string', default: '1000000' },
    spans: { type: 'string', default: '1000000' },
  },
});
/** The plan's, a month: usual and heavy. */
const PLAN_MB = { usual: 500, heavy: 2_000 };
const NO_TIMEOUT_MS = 3_600_000;

const folder = await mkdtemp(join(tmpdir(), 'command-center-bench-'));
const database = await startPostgres({ dataDir: join(folder, 'data'), settings: ['max_wal_size=1GB'] });
const sql = connect(database.url, { name: 'bench', max: 1, statementTimeoutMs: NO_TIMEOUT_MS });
try {
  await migrate(database.url);
  const month = await buildMonth(sql, {
    days: Number(flags.days),
    logs: Number(flags.logs),
    spans: Number(flags.spans),
    say: (line) => process.stderr.write(`${line}\n`),
  });
  const tables = await megabytesByTable(sql);
  const kinds = await bytesByKind(sql);
  process.stdout.write(
    `${JSON.stringify({
      bench: 'storage',
      days: Number(flags.days),
      series: month.series.length,
      samples: month.samples,
      bytes_a_sample: kinds,
      bytes_a_log: bytesEach(tables, 'telemetry_log_events', month.logs),
      bytes_a_span: bytesEach(tables, 'telemetry_trace_index', month.spans),
      mb: tables,
      plan_mb: PLAN_MB,
      leader_seconds_a_day: round(month.leaderSecondsADay),
      purge_seconds: round(month.purgeSeconds),
    })}\n`,
  );
} finally {
  await sql.end();
  await database.stop();
  await rm(folder, { recursive: true, force: true });
}

function bytesEach(tables: Readonly<Record<string, number>>, table: string, rows: number): number {
  return Math.round(((tables[table] ?? 0) * 1e6) / rows);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
