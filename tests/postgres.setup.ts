import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '@command-center/drizzle/migrate';
import { startPostgres } from '@command-center/infra/local/postgres';
import postgres from 'postgres';
import type { TestProject } from 'vitest/node';
import { chosenPostgres } from './processes/postgresPrograms.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The server; each test file makes a database of its own on it (drizzle/testing/database.ts). */
    readonly postgresUrl: string;
    /** What each of those databases has besides; set by tests/timescale/setup.ts alone. */
    readonly extension?: string;
  }
}

/** Durability is not what these tests are about; the fault tests start a Postgres of their own. */
const TEST_SETTINGS = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'max_connections=300'];

/** One embedded Postgres a run, with a template database that is migrated once. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'command-center-test-'));
  const server = await startPostgres({
    dataDir: folder,
    settings: TEST_SETTINGS,
    ...(chosenPostgres === undefined ? {} : { binaries: chosenPostgres }),
  });
  const url = new URL(server.url);
  const sql = postgres(server.url, { max: 1 });
  await sql`CREATE DATABASE template_migrated`;
  await sql.end();
  url.pathname = '/template_migrated';
  await migrate(url.href);
  project.provide('postgresUrl', server.url);
  return async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
}
