import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { migrate } from '@command-center/drizzle/migrate';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MortalPostgres } from '../faults/database/mortalPostgres.ts';
import { mountSmallDisk } from '../faults/database/smallDisk.ts';
import { eventually } from '../processes/api.ts';
import { startChild } from '../processes/child.ts';
import { unsteadyPostgres } from './unsteadyPostgres.ts';

const TIMEOUT_MS = 120_000;
const SIDECAR = fileURLToPath(import.meta.resolve('@command-center/sidecar/run'));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'command-center-migrations-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Migrates with one more file than the last time. */
async function migrateWith(url: string, name: string, text: string) {
  await writeFile(join(folder, name), `-- transactional\n${text}\n`);
  return migrate(url, { folder: new URL(`${pathToFileURL(folder).href}/`) });
}

describe('a sidecar that is killed in the middle of its first start', { timeout: TIMEOUT_MS }, () => {
  const stage = unsteadyPostgres();

  it('leaves a database that the next start brings to its schema', async () => {
    const sql = stage.direct();
    // Whatever the first file makes waits for this transaction, which has made a table of the same name.
    const holder = stage.direct();
    await holder`BEGIN`;
    await holder`CREATE TABLE telemetry_metric_series ()`;
    const [{ name } = { name: '' }] = await sql<{ name: string }[]>`SELECT current_database() AS name`;
    const url = new URL(stage.server.url);
    url.pathname = `/${name}`;
    const { child } = startChild(SIDECAR, {
      COMMAND_CENTER_DATABASE_URL: url.href,
      COMMAND_CENTER_OTLP_GRPC_PORT: '0',
      COMMAND_CENTER_OTLP_HTTP_PORT: '0',
      COMMAND_CENTER_SIDECAR_PORT: '0',
    });
    const waiting = () => sql`
      SELECT 1 FROM pg_locks JOIN pg_stat_activity AS a USING (pid)
      WHERE NOT granted AND a.application_name = 'command-center-migrate' AND a.datname = current_database()`;
    await eventually(waiting, (rows) => rows.length > 0);
    child.signal('SIGKILL');
    expect(await child.ended()).toMatchObject({ signal: 'SIGKILL' });
    expect(await sql`SELECT 1 FROM command_center_migrations`).toHaveLength(0);

    await holder`ROLLBACK`;
    const next = await stage.start();
    await stage.untilReady();
    expect(await sql`SELECT 1 FROM command_center_migrations`).not.toHaveLength(0);
    expect(await next.stop()).toMatchObject({ code: 0 });
  });
});

it('a migration on a full disk fails with a line, and goes on once there is room', { timeout: TIMEOUT_MS }, async ({
  skip,
}) => {
  const disk = await mountSmallDisk();
  if (disk === undefined) return skip('a small file system needs the right to mount one');
  const server = await MortalPostgres.start(disk.folder);
  try {
    const url = server.urlOf('postgres');
    await migrateWith(url, '0001_orders.sql', 'CREATE TABLE orders AS SELECT n FROM generate_series(1, 100000) AS n;');
    disk.fill();
    const next = () => migrateWith(server.urlOf('postgres'), '0002_index.sql', 'CREATE INDEX orders_n ON orders (n);');
    await expect(next()).rejects.toThrow(/^0002_index\.sql failed: [^\n]+$/);
    disk.free();
    await server.recover();
    const outcome = await eventually(
      () => next().catch((error: unknown) => ({ applied: [String(error)] })),
      ({ applied }) => applied[0] === '0002_index.sql',
    );
    expect(outcome.applied).toEqual(['0002_index.sql']);
  } finally {
    await server.stop();
    await disk.unmount();
  }
});
