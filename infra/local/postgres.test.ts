import { chmod, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import postgres from 'postgres';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type EmbeddedPostgres, startPostgres } from './postgres.ts';

let folder: string;
const servers: EmbeddedPostgres[] = [];

beforeAll(async () => {
  // 0700, as mktemp -d makes it: another user cannot walk there.
  folder = await mkdtemp(join(tmpdir(), 'command-center-postgres-'));
});
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function start(dataDir = folder): Promise<EmbeddedPostgres> {
  const server = await startPostgres({ dataDir });
  servers.push(server);
  return server;
}

async function query<T extends object>(url: string, statement: string): Promise<T[]> {
  const sql = postgres(url, { max: 1, connect_timeout: 5, onnotice: () => undefined });
  try {
    return await sql.unsafe<T[]>(statement);
  } finally {
    await sql.end();
  }
}

describe('the embedded Postgres', () => {
  it('runs from a folder that others may not enter, in UTF-8, on loopback alone', async () => {
    const server = await start();
    expect(await query(server.url, `SHOW server_encoding`)).toEqual([{ server_encoding: 'UTF8' }]);
    expect(await query(server.url, `SHOW listen_addresses`)).toEqual([{ listen_addresses: '127.0.0.1' }]);
    expect(await query(server.url, `SELECT datcollate FROM pg_database WHERE datname = current_database()`)).toEqual([
      { datcollate: 'C.UTF-8' },
    ]);
  });

  it('lets nobody in without its password, which only its owner may read', async () => {
    const server = await start();
    const url = new URL(server.url);
    for (const password of ['', 'wrong']) {
      url.password = password;
      // SQLSTATE 28P01, invalid_password; the driver itself refuses to go on without any.
      await expect(query(url.href, 'SELECT 1')).rejects.toThrow(/password|SASL/);
    }
    const { mode } = await stat(join(folder, 'postgres.password'));
    if (process.platform !== 'win32') expect(mode & 0o077).toBe(0);
  });

  it('keeps what was committed over a stop and a start', async () => {
    const first = await start();
    await query(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await first.stop();
    const second = await start();
    expect(await query(second.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  });

  it('ends the server that a killed launcher left behind, and starts on its folder', async () => {
    const left = await start();
    await query(left.url, 'CREATE TABLE left_behind AS SELECT 7 AS answer');
    const next = await start();
    expect(await left.ended).toContain('the embedded Postgres ended');
    expect(next.pid).not.toBe(left.pid);
    expect(await query(next.url, 'SELECT answer FROM left_behind')).toEqual([{ answer: 7 }]);
  });

  it('says where it looked when the cluster is damaged', async () => {
    const damaged = await mkdtemp(join(tmpdir(), 'command-center-damaged-'));
    try {
      const server = await start(damaged);
      await server.stop();
      await rm(join(damaged, 'postgres', 'cluster', 'global'), { recursive: true });
      await expect(start(damaged)).rejects.toThrow(join(damaged, 'postgres', 'cluster'));
    } finally {
      await chmod(damaged, 0o700);
      await rm(damaged, { recursive: true, force: true });
    }
  });
});
