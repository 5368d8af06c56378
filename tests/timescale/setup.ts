import process from 'node:process';
import { readSettings } from '@command-center/contract/settings/settings';
import postgres from 'postgres';
import type { TestProject } from 'vitest/node';

const CONNECT_TIMEOUT_S = 10;

/** The server is somebody's own: nothing is started, stopped or set, and each test drops the database that it made. */
export default async function setup(project: TestProject): Promise<void> {
  const { testTimescaleUrl: url } = readSettings({ TEST_TIMESCALE_URL: process.env.TEST_TIMESCALE_URL });
  // Then extension.test.ts is all that runs, and says so.
  if (url === undefined) return;
  await requireExtension(url);
  project.provide('postgresUrl', url);
  project.provide('extension', 'timescaledb');
}

/** Told once, before a hundred files fail for it. */
async function requireExtension(url: string): Promise<void> {
  const sql = postgres(url, { max: 1, connect_timeout: CONNECT_TIMEOUT_S, onnotice: () => undefined });
  try {
    const found = await sql`SELECT 1 FROM pg_available_extensions WHERE name = 'timescaledb'`;
    if (found.length === 0) {
      throw new Error(
        'the server of TEST_TIMESCALE_URL does not have the extension timescaledb: install it there and name it in shared_preload_libraries, or leave TEST_TIMESCALE_URL unset',
      );
    }
  } finally {
    await sql.end();
  }
}
