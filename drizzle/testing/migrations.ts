import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import postgres, { type Sql } from 'postgres';
import { afterEach, beforeEach, inject } from 'vitest';
import { type MigrationOptions, type MigrationResult, migrate } from '../migrate.ts';
import { emptyDatabase, type FreshDatabase } from './database.ts';

/** Contents by file name. */
export type Files = Readonly<Record<string, string>>;

/** An empty database a test, unlike those of freshDatabase(), and migrations of the test's own. */
export interface MigrationStage {
  readonly url: string;
  /** One connection, which no pool's other one answers for. */
  readonly sql: Sql;
  /** Another connection, as another program has it; ends with the test. */
  session(applicationName: string): Sql;
  /** Migrates with these files in place of the product's. `url`: as another role. */
  migrateWith(files: Files, options?: Omit<MigrationOptions, 'folder'> & { url?: string }): Promise<MigrationResult>;
  /** The address, for a role that may log in, owns nothing, and goes with the test. */
  urlOfNewRole(): Promise<string>;
}

/** To be called once, at the top of a test file. For tests alone. */
export function migrationStage(): MigrationStage {
  let database: FreshDatabase;
  let url: string;
  let folder: string;
  let server: Sql;
  let sql: Sql;
  let sessions: Sql[] = [];
  let roles: string[] = [];
  const open = (address: string, application_name: string): Sql => {
    const session = postgres(address, { max: 1, onnotice: () => undefined, connection: { application_name } });
    sessions.push(session);
    return session;
  };
  beforeEach(async () => {
    server = postgres(inject('postgresUrl'), { max: 1, onnotice: () => undefined });
    database = await emptyDatabase('migrate');
    url = database.url;
    sql = open(url, 'migration-test');
    folder = await mkdtemp(join(tmpdir(), 'command-center-migrations-'));
  });
  afterEach(async () => {
    await Promise.all(sessions.map((session) => session.end({ timeout: 0 })));
    await database.drop();
    for (const role of roles) await server.unsafe(`DROP ROLE ${role}`);
    [sessions, roles] = [[], []];
    await server.end();
    await rm(folder, { recursive: true });
  });
  return {
    get url() {
      return url;
    },
    get sql() {
      return sql;
    },
    session: (applicationName) => open(url, applicationName),
    migrateWith: async (files, options = {}) => {
      const own = await mkdtemp(join(folder, 'set-'));
      for (const [name, text] of Object.entries(files)) await writeFile(join(own, name), text);
      return migrate(options.url ?? url, { ...options, folder: new URL(`${pathToFileURL(own).href}/`) });
    },
    urlOfNewRole: async () => {
      const role = `starter_${randomBytes(8).toString('hex')}`;
      await server.unsafe(`CREATE ROLE ${role} LOGIN PASSWORD '${role}'`);
      roles.push(role);
      const address = new URL(url);
      address.username = role;
      address.password = role;
      return address.href;
    },
  };
}
