import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '@command-center/drizzle/connect';
import { migrate } from '@command-center/drizzle/migrate';
import { type EmbeddedPostgres, startPostgres } from '@command-center/infra/local/postgres';
import type { Sql } from 'postgres';
import { closeDays } from './closed.ts';
import { buildMonth, type Month, type MonthOptions } from './month.ts';

/** No statement of a bench is ended by a timeout. */
const NO_TIMEOUT_MS = 3_600_000;
/** Room for the build; what is measured does not depend on it. */
const SETTINGS = ['max_wal_size=1GB', 'shared_buffers=256MB'];

export interface MonthDatabase {
  readonly month: Month;
  readonly postgres: EmbeddedPostgres;
  readonly sql: Sql;
  /** Ends the server and starts it again: its buffers are empty. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** A Postgres with a month in it: the one in `folder`, where one was built before, else a new one there; without `folder` it is gone afterwards. */
export async function openMonth(options: MonthOptions, folder: string | undefined): Promise<MonthDatabase> {
  const root = folder ?? (await mkdtemp(join(tmpdir(), 'command-center-bench-')));
  let postgres = await startPostgres({ dataDir: join(root, 'data'), settings: SETTINGS });
  let sql = connect(postgres.url, { name: 'bench', max: 1, statementTimeoutMs: NO_TIMEOUT_MS });
  const about = join(root, 'month.json');
  await migrate(postgres.url);
  const month: Month = existsSync(about) ? JSON.parse(await readFile(about, 'utf8')) : await buildMonth(sql, options);
  await writeFile(about, JSON.stringify(month));
  const closingAt = performance.now();
  const closed = await closeDays(postgres.url);
  options.say(`${closed} partitions closed in ${Math.round((performance.now() - closingAt) / 1_000)} s`);
  return {
    month,
    get postgres() {
      return postgres;
    },
    get sql() {
      return sql;
    },
    restart: async () => {
      await sql.end();
      await postgres.stop();
      postgres = await startPostgres({ dataDir: join(root, 'data'), settings: SETTINGS });
      sql = connect(postgres.url, { name: 'bench', max: 1, statementTimeoutMs: NO_TIMEOUT_MS });
    },
    stop: async () => {
      await sql.end();
      await postgres.stop();
      if (folder === undefined) await rm(root, { recursive: true, force: true });
    },
  };
}
