import { fileURLToPath } from 'node:url';
import {
  emptyDatabase,
  type FreshDatabase,
  freshDatabase,
  pretendVersion,
} from '@command-center/drizzle/testing/database';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ended, startChild } from '../processes/child.ts';
import { failedStart, startSidecar } from '../processes/sidecar.ts';

/** What `npm run migrate` and `npm run start:api` run. */
const MIGRATE = fileURLToPath(import.meta.resolve('@command-center/drizzle/run'));
const API = fileURLToPath(import.meta.resolve('@command-center/api/entry/run'));

type Environment = Readonly<Record<string, string>>;
const NOWHERE = { COMMAND_CENTER_DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' };
const ISSUER = { COMMAND_CENTER_OIDC_ISSUER: 'https://id.example.com' };

const ended = (entry: string, environment: Environment): Promise<Ended> => startChild(entry, environment).child.ended();
const starts = {
  sidecar: (environment: Environment) => failedStart(environment),
  api: (environment: Environment) => ended(API, { COMMAND_CENTER_PORT: '0', ...environment }),
  migrate: (environment: Environment) => ended(MIGRATE, environment),
} as const;
type Start = keyof typeof starts;

interface Case {
  readonly what: string;
  readonly start: Start;
  readonly environment: Environment;
  /** Begins the one line of each variable. */
  readonly lines: readonly string[];
  /** Must not be printed. */
  readonly secret?: string;
}

const onAnyAddress = { ...NOWHERE, COMMAND_CENTER_OTLP_HOST: '0.0.0.0' };
const open = { ...NOWHERE, ...ISSUER, COMMAND_CENTER_HOST: '0.0.0.0' };
const cases: readonly Case[] = [
  ...(['sidecar', 'api', 'migrate'] as const).flatMap((start): Case[] => [
    { what: 'no database', start, environment: {}, lines: ['COMMAND_CENTER_DATABASE_URL: '] },
    {
      what: 'a database that is none',
      start,
      environment: { COMMAND_CENTER_DATABASE_URL: 'mysql://root:hidden@db/x' },
      lines: ['COMMAND_CENTER_DATABASE_URL=*** (24 characters): allowed is postgres://'],
      secret: 'hidden',
    },
    {
      what: 'a database on another machine with the password that everybody tries first',
      start,
      environment: { COMMAND_CENTER_DATABASE_URL: 'postgres://owner:Password1@db.example.com/command_center' },
      lines: ['COMMAND_CENTER_DATABASE_URL: the password of a database on another machine is a random text'],
      secret: 'Password1',
    },
  ]),
  {
    what: 'no token',
    start: 'sidecar',
    environment: onAnyAddress,
    lines: ['COMMAND_CENTER_OTLP_HOST="0.0.0.0": another address than loopback needs COMMAND_CENTER_OTLP_TOKEN'],
  },
  ...['fifteen-letters', 'changeme-changeme-changeme', 'xxxxxxxxxxxxxxxxxxxxxxxx'].map(
    (secret): Case => ({
      what: `a token that can be guessed (${secret})`,
      start: 'sidecar',
      environment: { ...onAnyAddress, COMMAND_CENTER_OTLP_TOKEN: secret },
      lines: [`COMMAND_CENTER_OTLP_TOKEN=*** (${secret.length} characters): `],
      secret,
    }),
  ),
  {
    what: 'no issuer, and no other way in',
    start: 'api',
    environment: NOWHERE,
    lines: ['COMMAND_CENTER_OIDC_ISSUER: must be set, or COMMAND_CENTER_ADMIN_TOKEN'],
  },
  {
    what: 'no audience and no admin value',
    start: 'api',
    environment: { ...NOWHERE, ...ISSUER, COMMAND_CENTER_OIDC_ADMIN_CLAIM: 'roles' },
    lines: ['COMMAND_CENTER_OIDC_AUDIENCE: must be set', 'COMMAND_CENTER_OIDC_ADMIN_VALUE: must be set'],
  },
  {
    what: 'an issuer that anybody on the way may answer for',
    start: 'api',
    environment: {
      ...NOWHERE,
      COMMAND_CENTER_OIDC_ISSUER: 'http://id.example.com',
      COMMAND_CENTER_OIDC_AUDIENCE: 'command-center',
      COMMAND_CENTER_OIDC_ADMIN_CLAIM: 'roles',
      COMMAND_CENTER_OIDC_ADMIN_VALUE: 'system-admin',
    },
    lines: ['COMMAND_CENTER_OIDC_ISSUER="http://id.example.com": allowed is https://'],
  },
  {
    what: 'placeholders left where others reach them',
    start: 'api',
    environment: {
      ...open,
      COMMAND_CENTER_OIDC_AUDIENCE: 'command-center',
      COMMAND_CENTER_OIDC_ADMIN_CLAIM: 'roles',
      COMMAND_CENTER_OIDC_ADMIN_VALUE: 'system-admin',
      COMMAND_CENTER_ADMIN_TOKEN: 'change-me-change-me-change-me-change-me',
      COMMAND_CENTER_SESSION_SECRET: '0'.repeat(64),
    },
    lines: ['COMMAND_CENTER_ADMIN_TOKEN=*** (39 characters): ', 'COMMAND_CENTER_SESSION_SECRET=*** (64 characters): '],
    secret: 'change-me',
  },
];

describe('of the five values of a deployment, a missing or weak one is one clear line at start', () => {
  it.each(cases)('$start: $what', async ({ start, environment, lines, secret }) => {
    const { code, stderr } = await starts[start](environment);
    expect(code).toBe(1);
    const said = stderr.trimEnd().split('\n');
    expect(said).toEqual(lines.map((line) => expect.stringContaining(line)));
    if (secret !== undefined) expect(stderr).not.toContain(secret);
  });
});

describe('a database of another version', () => {
  let old: FreshDatabase;
  let untried: FreshDatabase;
  let newer: FreshDatabase;
  beforeAll(async () => {
    [old, untried, newer] = await Promise.all([emptyDatabase('old'), emptyDatabase('untried'), freshDatabase()]);
    await pretendVersion(old.url, '140022');
    await pretendVersion(untried.url, '190001');
    const sql = postgres(newer.url, { max: 1 });
    await sql`INSERT INTO command_center_migrations (name, checksum) VALUES ('9999_of_the_future.sql', '')`;
    await sql.end();
  });
  afterAll(() => Promise.all([old, untried, newer].map((database) => database?.drop())));

  it.each(['sidecar', 'migrate'] as const)('%s: a Postgres that is too old', async (start) => {
    const { code, stderr } = await starts[start]({ COMMAND_CENTER_DATABASE_URL: old.url });
    expect(code).toBe(1);
    expect(stderr).toContain('the database is Postgres 14; Command Center needs 15 or later\n');
  });

  it.each(['sidecar', 'migrate'] as const)('%s: a schema of a later release', async (start) => {
    const { code, stderr } = await starts[start]({ COMMAND_CENTER_DATABASE_URL: newer.url });
    expect(code).toBe(1);
    expect(stderr).toContain(
      'the database is newer than this version of Command Center: it has 9999_of_the_future.sql',
    );
  });

  it('a Postgres that nobody has tried: one line, and on it goes', async () => {
    const words = 'the database is Postgres 19; Command Center is tried on 15 to 18, and goes on';
    const { code, stderr } = await starts.migrate({ COMMAND_CENTER_DATABASE_URL: untried.url });
    expect([code, stderr]).toEqual([0, `${words}\n`]);
    const sidecar = await startSidecar(untried.url);
    try {
      expect(sidecar.stderr().split(words)).toHaveLength(2);
      expect((await fetch(`${sidecar.own}/readyz`)).status).toBe(200);
    } finally {
      await sidecar.stop();
    }
  });
});
