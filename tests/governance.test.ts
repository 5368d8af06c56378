import {
  deprecatedDependencies,
  silentDependencies,
  unexplainedDependencies,
  unseenDependencies,
} from '@command-center/infra/check/dependencies';
import type { Finding } from '@command-center/infra/check/finding';
import type { TextFile } from '@command-center/infra/check/governance/files';
import { forbiddenNames } from '@command-center/infra/check/governance/forbidden';
import { imagesOf, loose } from '@command-center/infra/check/governance/pinned';
import { otherRetentions, unpurged } from '@command-center/infra/check/governance/retention';
import { relationsOf } from '@command-center/infra/check/governance/tables';
import { describe, expect, it } from 'vitest';

/** What the rules of the plan's task 35 find in files that are made up. That they find nothing in the tree: house.test.ts. */

const file = (path: string, text: string): TextFile => ({ path, text });
const places = (findings: readonly Finding[]): string[] => findings.map(({ where }) => where);
const words = (findings: readonly Finding[]): string[] => findings.map(({ what }) => what);

describe('thirty days everywhere', () => {
  it.each([
    ["DELETE FROM x WHERE ts < now() - interval '90 days';"],
    ["SELECT now() - '7 days'::interval;"],
    ['SELECT make_interval(days => 31);'],
  ])('another number in SQL: %s', (line) => {
    expect(places(otherRetentions([file('drizzle/migrations/0099_x.sql', line)], [], []))).toHaveLength(1);
  });

  it.each([
    ['const HISTORY_DAYS = 14;'],
    ['const retentionDays = 30;'],
    ['const line = now - 30 * 86_400_000;'],
    ['const line = now - 30 * DAY_MS;'],
    ['const longestS = 2_592_000;'],
    ["sql`DELETE FROM x WHERE ts < now() - interval '30 days'`"],
  ])('code that does not take the constant: %s', (line) => {
    expect(places(otherRetentions([], [file('sidecar/src/lead/x.ts', line)], []))).toEqual(['sidecar/src/lead/x.ts:1']);
  });

  it.each([
    ['Telemetry is kept for 60 days.'],
    ['It keeps ninety days in Postgres.'],
    ['Rows older than 14 days are deleted.'],
    ['The retention is 14 days here.'],
  ])('another number in a sentence: %s', (line) => {
    expect(otherRetentions([], [], [file('docs/x.md', line)])).toHaveLength(1);
  });

  it('not the number itself, a step of one day, nor what has days of its own', () => {
    const sql = file('drizzle/migrations/0099_x.sql', "SELECT interval '30 days', interval '1 day';");
    const code = file('web/src/x.ts', 'const week = 7 * dayMs; const line = now - retentionMs;');
    const page = file('docs/x.md', 'Kept for 30 days, thirty days and no more.\nBack-ups are kept for 7 days.');
    expect(otherRetentions([sql], [code], [page])).toEqual([]);
  });

  const visits = relationsOf(`CREATE TABLE telemetry_visits (
  seen_at timestamp with time zone NOT NULL,
  name text NOT NULL,
  CONSTRAINT a PRIMARY KEY (seen_at)
);

`);

  it.each([
    ['nothing', '', ''],
    ['another table', 'DELETE FROM telemetry_visits_old WHERE seen_at < 1`', ''],
    ['the table by something else than its time', 'DELETE FROM telemetry_visits WHERE name < 1`', ''],
  ])('a table with a time, of which retention deletes %s', (_, purge, partitions) => {
    expect(words(unpurged(visits, purge, partitions, {}))).toEqual([
      'nothing ever deletes old rows of telemetry_visits',
    ]);
  });

  it('not one that is purged or partitioned, and an exception that is not needed any more', () => {
    expect(visits[0]).toEqual({
      name: 'telemetry_visits',
      isView: false,
      columns: ['seen_at', 'name'],
      times: ['seen_at'],
    });
    expect(unpurged(visits, `\`DELETE FROM telemetry_visits WHERE seen_at < \${line}\``, '', {})).toEqual([]);
    expect(unpurged(visits, '', "['telemetry_visits']", {})).toEqual([]);
    expect(unpurged(visits, '', '', { telemetry_visits: 'a reason' })).toEqual([]);
    expect(unpurged(visits, '', "['telemetry_visits']", { telemetry_visits: 'a reason' })).toHaveLength(1);
  });
});

describe('no name for what is never kept', () => {
  const table = (column: string) => relationsOf(`CREATE TABLE telemetry_x (\n  ${column} text NOT NULL\n);\n\n`);

  it.each(['user_id', 'username', 'email', 'ip', 'client_ip', 'access_token', 'password', 'body', 'actor', 'subject'])(
    'a column %s',
    (column) => expect(places(forbiddenNames(table(column), [], {}))).toEqual([`telemetry_x.${column}`]),
  );

  it('a column of a view', () => {
    const view = relationsOf('CREATE VIEW telemetry_x AS\n SELECT ts,\n    who AS email\n   FROM telemetry_y;\n\n');
    expect(places(forbiddenNames(view, [], {}))).toEqual(['telemetry_x.email']);
  });

  it('a member of an answer, and an exception that is not needed any more', () => {
    const wire = [
      { where: 'Logs: user_id', name: 'user_id' },
      { where: 'Logs: trace_id', name: 'trace_id' },
    ];
    expect(places(forbiddenNames([], wire, {}))).toEqual(['Logs: user_id']);
    expect(forbiddenNames([], wire, { 'Logs: user_id': 'a reason' })).toEqual([]);
    expect(places(forbiddenNames(table('service'), [], { 'telemetry_x.service': 'a reason' }))).toEqual([
      'telemetry_x.service',
    ]);
  });
});

describe('exact versions', () => {
  it.each([
    ['package.json', '{"dependencies":{"a":"^1.0.0"}}'],
    ['api/package.json', '{"devDependencies":{"a":"latest"}}'],
    ['web/package.json', '{"optionalDependencies":{"a":"git+https://example.com/a.git"}}'],
    ['infra/x/requirements.txt', 'cfn-lint>=1.0\n'],
    ['infra/containers/Containerfile', 'FROM node:24\n'],
    ['infra/containers/Containerfile', 'ARG NODE_IMAGE=node:latest\nFROM $' + '{NODE_IMAGE}\n'],
    ['infra/containers/compose.yaml', 'services:\n  a:\n    image: postgres:18\n'],
    ['infra/collector/kubernetes/a.yaml', '      - image: otel/opentelemetry-collector-contrib\n'],
    ['infra/cdk/a.ts', "ContainerImage.fromRegistry('postgres:latest')"],
    ['.github/workflows/ci.yml', '      - uses: someone/action@v1\n'],
    ['.github/workflows/ci.yml', '      - uses: actions/checkout@main\n'],
    ['tests/a/go.mod', 'require example.com/b v1.2.3\n'],
  ])('one that may be another tomorrow: %s %s', (path, text) => {
    expect(loose([file(path, text)])).toHaveLength(1);
  });

  it.each([
    [
      'package.json',
      '{"dependencies":{"a":"1.0.0","b":"npm:c@7.0.2","@d/e":"1.0.0-beta.17"},"engines":{"node":">=22"}}',
    ],
    ['infra/x/requirements.txt', '# why\ncfn-lint==1.58.0\n'],
    [
      'infra/containers/Containerfile',
      'ARG NODE_IMAGE=node:24.21.0-slim\nFROM $' + '{NODE_IMAGE} AS build\nFROM build\n',
    ],
    ['infra/containers/Containerfile', `FROM node@sha256:${'a'.repeat(64)}\n`],
    ['infra/containers/compose.yaml', '    image: command-center:0.2.0\n    image: "postgres:18.4-bookworm" # why\n'],
    ['.github/workflows/ci.yml', `      - uses: actions/checkout@v5\n      - uses: someone/action@${'a'.repeat(40)}\n`],
  ])('not one that is exact: %s %s', (path, text) => {
    expect(loose([file(path, text)])).toEqual([]);
  });

  it('a module of Go is exact with its hash beside it', () => {
    const mod = file('tests/a/go.mod', 'require (\n\texample.com/b v1.2.3\n)\n');
    expect(loose([mod, file('tests/a/go.sum', 'example.com/b v1.2.3 h1:x=\n')])).toEqual([]);
    expect(loose([mod, file('tests/b/go.sum', 'example.com/b v1.2.3 h1:x=\n')])).toHaveLength(1);
  });

  it('an image in the stack has the version that is the default of its context', () => {
    const files = [
      file('infra/cdk/a.ts', 'ContainerImage.fromRegistry(`x/y:$' + '{context.collectorVersion}`)'),
      file('infra/cdk/context.ts', "  collectorVersion: z\n    .string()\n    .default('0.159.0')"),
    ];
    expect(imagesOf(files)).toEqual([{ where: 'infra/cdk/a.ts:1', image: 'x/y:0.159.0' }]);
  });
});

describe('dependencies have their reasons and are alive', () => {
  const of = (name: string, released: string, others: { deprecated?: string } = {}) => ({
    seen: '2026-11-27',
    packages: { [name]: { version: '4.0.0', released, ...others } },
  });

  it('one that is silent for a year, deprecated, or was never asked for', () => {
    expect(silentDependencies(of('hono', '2025-11-20'), ['hono'])).toHaveLength(1);
    expect(silentDependencies(of('hono', '2026-01-01', { deprecated: 'use b' }), ['hono'])).toHaveLength(1);
    expect(silentDependencies(of('hono', '2026-01-01'), ['hono'])).toEqual([]);
    expect(silentDependencies(of('hono', '2026-01-01'), ['zod'])).toHaveLength(1);
  });

  it('not one whose row explains it', () => {
    expect(silentDependencies(of('ajv-formats-draft2019', '2020-01-01'), ['ajv-formats-draft2019'])).toEqual([]);
  });

  it('one that the lock file knows as deprecated, tools left out', () => {
    const lock = {
      packages: { 'node_modules/a': { deprecated: 'use b' }, 'node_modules/c': { deprecated: 'x', dev: true } },
    };
    expect(places(deprecatedDependencies(lock))).toEqual(['package-lock.json: node_modules/a']);
  });

  it('an image without a row, and a row without an image', () => {
    const where = 'infra/containers/compose.yaml:1';
    const images = ['redis:8.2.1', 'node:24.21.0', 'postgres:18.4', 'otel/opentelemetry-collector-contrib:0.159.0'];
    expect(places(unexplainedDependencies(images.map((image) => ({ where, image }))))).toEqual([where]);
    expect(words(unexplainedDependencies([]))).toContain('nothing depends on postgres');
  });

  it('a release that was made a year after the registries were asked', () => {
    const asked = of('hono', '2026-01-01');
    expect(unseenDependencies(asked, '# Changelog\n\n## 0.3.0 — 2027-06-01\n')).toEqual([]);
    expect(unseenDependencies(asked, '# Changelog\n\n## 0.9.0 — 2027-12-01\n\n## 0.3.0 — 2027-06-01\n')).toHaveLength(
      1,
    );
    expect(unseenDependencies(asked, '# Changelog\n\n## Unreleased\n')).toEqual([]);
  });
});
