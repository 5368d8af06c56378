import { randomBytes } from 'node:crypto';
import postgres from 'postgres';
import { inject } from 'vitest';
import { migrate } from '../migrate.ts';

export interface FreshDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

/** A database of the caller's own, with the schema of this version. For tests alone. */
export async function freshDatabase(): Promise<FreshDatabase> {
  if (inject('extension') === undefined) return create('test', 'TEMPLATE template_migrated STRATEGY file_copy');
  // Background workers of an extension sit in its databases, and one that somebody sits in cannot be cloned.
  const database = await emptyDatabase('test');
  await migrate(database.url);
  return database;
}

/** Without a table; has the extension that the run is about, where it is about one. For tests alone. */
export async function emptyDatabase(prefix: string): Promise<FreshDatabase> {
  const database = await create(prefix, '');
  const extension = inject('extension');
  if (extension !== undefined) await administer(database.url, `CREATE EXTENSION ${extension}`);
  return database;
}

async function create(prefix: string, options: string): Promise<FreshDatabase> {
  const serverUrl = inject('postgresUrl');
  const name = `${prefix}_${randomBytes(8).toString('hex')}`;
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  await administer(serverUrl, `CREATE DATABASE ${name} ${options}`);
  return { url: url.href, drop: () => administer(serverUrl, `DROP DATABASE ${name} WITH (FORCE)`) };
}

async function administer(url: string, statement: string): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => undefined });
  try {
    await sql.unsafe(statement);
  } finally {
    await sql.end();
  }
}

/** From now on the database says to new connections that it is of another version of Postgres (`190001`). For tests alone. */
export async function pretendVersion(url: string, versionNumber: string): Promise<void> {
  const name = new URL(url).pathname.slice(1);
  // Found before the one of pg_catalog, which is looked into first only where the path does not name it.
  await administer(
    url,
    `CREATE FUNCTION public.current_setting(setting text) RETURNS text LANGUAGE sql AS $$
       SELECT CASE setting WHEN 'server_version_num' THEN '${versionNumber}' ELSE pg_catalog.current_setting(setting) END $$;
     ALTER DATABASE ${name} SET search_path = public, pg_catalog`,
  );
}
