import { environmentReads, statusLiterals } from '@command-center/infra/check/confined';
import { deadExports, deadFiles } from '@command-center/infra/check/dead';
import { deprecatedDependencies, silentDependencies } from '@command-center/infra/check/dependencies';
import { anchorsOf, brokenAnchors, brokenIn } from '@command-center/infra/check/documents';
import { forbiddenColumns, keptForEver, otherRetentions, tablesOf } from '@command-center/infra/check/governance';
import { houseRules } from '@command-center/infra/check/house';
import { circles, wrongDirections } from '@command-center/infra/check/imports';
import { longFunctions } from '@command-center/infra/check/lengths';
import { isAllowed } from '@command-center/infra/check/licences';
import { type Module, readModule } from '@command-center/infra/check/modules';
import {
  undocumentedMetrics,
  undocumentedVariables,
  unknownEndpoints,
  unknownMetrics,
  unplannedFlags,
} from '@command-center/infra/check/named';
import { unpinned } from '@command-center/infra/check/pinned';
import { staleFiles } from '@command-center/infra/generate/files';
import { describe, expect, it } from 'vitest';

describe('the house', () => {
  it.each(houseRules())('$name', ({ find }) => {
    expect(find()).toEqual([]);
  });

  it('has generated files that agree with their tables', () => {
    expect(staleFiles()).toEqual([]);
  });
});

/** A repository of a few files. */
function modules(files: Readonly<Record<string, string>>): Module[] {
  const known = new Set(Object.keys(files));
  return Object.entries(files).map(([path, text]) => readModule(path, text, known));
}

describe('what the rules find', () => {
  it.each([
    ['contract/src/a.ts', `import { b } from '@command-center/drizzle/b';`],
    ['contract/src/a.ts', `import { readFileSync } from 'node:fs';`],
    ['api/src/queries/a.ts', `import { readFileSync } from 'node:fs';`],
    ['web/src/a.ts', `import type { Settings } from '@command-center/sidecar/config';`],
    ['sidecar/src/store/a.ts', `import { decode } from '../decode/protobuf.ts';`],
    ['sidecar/src/receive/a.ts', `import type { X } from '../store/x.ts';`],
    ['api/src/a.ts', `const x = await import('@command-center/sidecar/main');`],
    ['api/src/a.ts', `import { x } from '../../sidecar/src/x.ts';`],
    ['api/src/a.ts', `import { x } from './a.test.ts';`],
    ['web/src/A.svelte', `<p></p>\n<script lang="ts">\nimport { x } from '@command-center/api/x';\n</script>`],
  ])('a wrong direction: %s %s', (path, text) => {
    expect(wrongDirections(modules({ [path]: text }))).toHaveLength(1);
  });

  it.each([
    ['api/src/a.ts', `import { x } from '@command-center/contract/x';`],
    ['api/src/entry/node.ts', `import { createServer } from 'node:http';`],
    ['sidecar/src/receive/a.ts', `import { decode } from '../decode/protobuf.ts';`],
    ['sidecar/src/aggregate/a.ts', `import type { Point } from '../decode/records.ts';`],
    ['contract/src/a.test.ts', `import { readFileSync } from 'node:fs';`],
  ])('a right direction: %s %s', (path, text) => {
    expect(wrongDirections(modules({ [path]: text }))).toEqual([]);
  });

  it('circles', () => {
    const files = { 'api/src/a.ts': `import './b.ts';`, 'api/src/b.ts': `import type { A } from './a.ts';` };
    expect(circles(modules(files))).toHaveLength(1);
  });

  it('exports that nothing imports, but not types that name a part of another export', () => {
    const files = {
      'api/src/a.ts': 'export interface A { x: 1 }\nexport interface Unused { y: 1 }\nexport const a: A = { x: 1 };',
      'api/src/b.ts': `export const b = 1;`,
      'api/src/c.test.ts': `import { a } from './a.ts';`,
    };
    expect(deadExports(modules(files)).map((finding) => finding.where)).toEqual(['api/src/a.ts:2', 'api/src/b.ts:1']);
  });

  it('files that nothing imports, a worker named by its URL not among them', () => {
    const files = {
      'api/src/main.ts': `new Worker(new URL('./worker.ts', import.meta.url)); new URL('../../web/dist', import.meta.url);`,
      'api/src/worker.ts': '',
      'api/src/lonely.ts': '',
    };
    expect(deadFiles(modules(files)).map((finding) => finding.where)).toEqual(['api/src/lonely.ts']);
  });

  it('functions past 70 lines, and not a describe', () => {
    const body = 'x();\n'.repeat(69);
    const find = (text: string): number => longFunctions(modules({ 'api/src/a.ts': text })).length;
    expect(find(`function f() {\n${body}}`)).toBe(1);
    expect(find(`function f() {\n${body.slice(5)}}`)).toBe(0);
    expect(find(`describe('x', () => {\n${body}});`)).toBe(0);
  });

  it('the environment and status numbers outside their places', () => {
    const files = {
      'sidecar/src/receive/a.ts': 'const port = process.env.PORT; reply(415); send(status.INTERNAL);',
      'sidecar/src/main.ts': 'start(process.env);',
    };
    expect(environmentReads(modules(files))).toHaveLength(1);
    expect(statusLiterals(modules(files))).toHaveLength(2);
  });

  it.each([
    ['run `npm run nothing`', 1],
    ['run `npm run check`, `npm ci` and `npm start`', 0],
    ['set COMMAND_CENTER_NOTHING', 1],
    ['set COMMAND_CENTER_PORT or COMMAND_CENTER_PROBE_*', 0],
    ['see `docs/nothing.md`', 1],
    ['see `docs/here.md`, [it](here.md#part) and [the web](https://example.org/x.md)', 0],
    ['see [it](nothing.md)', 1],
  ])('names in documents: %s', (line, count) => {
    const known = {
      scripts: new Set(['check', 'start']),
      paths: new Set(['docs', 'docs/here.md']),
      variables: new Set(['COMMAND_CENTER_PORT']),
      rooms: new Set(['docs']),
    };
    expect(brokenIn(line, 'docs/page.md', known)).toHaveLength(count);
  });

  it.each([
    ['MIT', true],
    ['GPL-3.0-only', false],
    ['MIT OR GPL-3.0-only', true],
    ['MIT AND GPL-3.0-only', false],
    ['(GPL-3.0-only OR (MIT AND ISC))', true],
    ['Apache-2.0 WITH LLVM-exception', true],
    ['SEE LICENSE IN x', false],
    ['', false],
  ])('the licence %s is allowed: %s', (expression, expected) => {
    expect(isAllowed(expression, new Set(['MIT', 'ISC', 'Apache-2.0']))).toBe(expected);
  });
});

describe('what governance finds (the plan, task 35)', () => {
  const places = (findings: readonly { readonly where: string }[]): string[] => findings.map(({ where }) => where);
  const dump = (columns: string): string => `CREATE TABLE telemetry_visits (\n${columns}\n);\n`;

  it('another number of days than thirty, in SQL, code and documents, and no step of a day', () => {
    const files = {
      'drizzle/a.sql': "DELETE FROM x WHERE ts < now() - interval '90 days';\nSELECT interval '1 day';",
      'sidecar/src/lead/a.ts': 'make_interval(days => 31)',
      'docs/a.md': 'The retention is 14 days here.',
      'docs/b.md': "Kept for 30 days; interval '30 days'.",
    };
    expect(places(otherRetentions(files))).toEqual(['drizzle/a.sql:1', 'sidecar/src/lead/a.ts:1', 'docs/a.md:1']);
  });

  it('a table with a time that nothing deletes from', () => {
    const tables = tablesOf(dump('  ts timestamp with time zone NOT NULL,\n  CONSTRAINT a PRIMARY KEY (ts)'));
    expect(keptForEver(tables, 'DELETE FROM telemetry_visits_old')).toHaveLength(1);
    expect(keptForEver(tables, 'DELETE FROM telemetry_visits WHERE ts < now()')).toEqual([]);
    expect(tables[0]?.columns).toEqual([{ name: 'ts', type: 'timestamp with time zone NOT NULL' }]);
  });

  it.each(['user_id text', 'email text', 'ip inet', 'access_token text', 'password text', 'body text'])(
    'a column %s',
    (column) => {
      expect(forbiddenColumns(tablesOf(dump(`  ${column}`)))).toHaveLength(1);
      expect(forbiddenColumns(tablesOf(dump('  service text,\n  status_code text')))).toEqual([]);
    },
  );

  it.each([
    ['package.json', '{"dependencies":{"a":"^1.0.0"}}'],
    ['api/package.json', '{"devDependencies":{"a":"latest"}}'],
    ['infra/x/requirements.txt', 'cfn-lint>=1.0\n'],
    ['infra/containers/Containerfile', 'FROM node:24\n'],
    ['infra/containers/Containerfile', 'ARG NODE_IMAGE=node:latest\n'],
    ['infra/containers/compose.yaml', 'services:\n  a:\n    image: postgres:18\n'],
    ['.github/workflows/ci.yml', '      - uses: someone/action@main\n'],
  ])('a version that may be another one tomorrow: %s %s', (path, text) => {
    expect(unpinned({ [path]: text })).toHaveLength(1);
  });

  it.each([
    ['package.json', '{"dependencies":{"a":"1.0.0","b":"npm:c@7.0.2"}}'],
    ['infra/x/requirements.txt', '# why\ncfn-lint==1.58.0\n'],
    [
      'infra/containers/Containerfile',
      `FROM node:24.21.0-bookworm-slim@sha256:${'a'.repeat(64)}\nFROM \${NODE_IMAGE} AS build\n`,
    ],
    ['.github/workflows/ci.yml', '      - uses: actions/checkout@v5\n'],
  ])('not one that is exact: %s', (path, text) => {
    expect(unpinned({ [path]: text })).toEqual([]);
  });

  it('a dependency that is silent for a year, unknown, or deprecated', () => {
    const of = (released: string) => ({ seen: '2026-11-27', packages: { hono: { version: '4.0.0', released } } });
    expect(silentDependencies(of('2025-11-20'), ['hono'])).toHaveLength(1);
    expect(silentDependencies(of('2026-01-01'), ['hono'])).toEqual([]);
    expect(silentDependencies(of('2026-01-01'), ['zod'])).toHaveLength(1);
    const lock = {
      packages: { 'node_modules/a': { deprecated: 'use b' }, 'node_modules/c': { deprecated: 'x', dev: true } },
    };
    expect(places(deprecatedDependencies(lock))).toEqual(['package-lock.json: node_modules/a']);
  });

  it('metrics that are not, and metrics that no page names', () => {
    const files = {
      'docs/a.md':
        '`kaiku_http_requests_total`, `kaiku_http_reqests_total`, `command_center_sidecar_ready`, `otelcol_exporter_send_failed_*`',
    };
    expect(unknownMetrics(files).map(({ what }) => what)).toEqual(['there is no metric kaiku_http_reqests_total']);
    expect(undocumentedMetrics('').length).toBeGreaterThan(50);
  });

  it('variables, endpoints and flags that nobody explains', () => {
    const read = {
      'tests/a.ts': '/** a */\nprocess.env.MOON_PHASE',
      'infra/collector/a.yaml': `# Set: TIDE\na: ${['TIDE', 'WIND'].map((name) => `$\{env:${name}}`).join(' ')}`,
    };
    expect(undocumentedVariables(read, '').map(({ what }) => what.split(',', 1)[0])).toEqual([
      'reads MOON_PHASE',
      'reads WIND',
    ]);
    expect(undocumentedVariables(read, 'MOON_PHASE and WIND')).toEqual([]);
    const base = '/api/admin/observability';
    expect(places(unknownEndpoints({ 'docs/a.md': `${base}/logs\n${base}/logz` }, `GET ${base}/logs\n`))).toEqual([
      'docs/a.md:2',
    ]);
    expect(unplannedFlags('COMMAND_CENTER_FEATURE_TIME_TRAVEL').length).toBe(5);
  });

  it('links to headings that are not', () => {
    const pages: Record<string, string> = {
      'docs/a.md':
        '# One: two\n## One: two\n[a](#one-two) [b](#one-two-1) [c](b.md#there) [d](b.md#gone) [e](#nowhere)',
      'docs/b.md': '```sh\n# gone\n```\n# There',
    };
    expect(brokenAnchors(['docs/a.md'], (path) => pages[path]).map(({ what }) => what)).toEqual([
      'docs/b.md has no heading #gone',
      'docs/a.md has no heading #nowhere',
    ]);
    expect([...anchorsOf('# API error rate (5xx)')]).toEqual(['api-error-rate-5xx']);
  });
});
