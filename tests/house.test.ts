import { environmentReads, statusLiterals } from '@command-center/infra/check/confined';
import { deadExports, deadFiles } from '@command-center/infra/check/dead';
import { brokenIn } from '@command-center/infra/check/documents';
import { houseRules } from '@command-center/infra/check/house';
import { circles, wrongDirections } from '@command-center/infra/check/imports';
import { longFunctions } from '@command-center/infra/check/lengths';
import { isAllowed } from '@command-center/infra/check/licences';
import { type Module, readModule } from '@command-center/infra/check/modules';
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
    ['see `docs/here.md` and `here.md`', 0],
  ])('names in documents: %s', (line, count) => {
    const known = {
      scripts: new Set(['check', 'start']),
      paths: new Set(['docs', 'docs/here.md']),
      variables: new Set(['COMMAND_CENTER_PORT']),
      rooms: new Set(['docs']),
    };
    expect(brokenIn(line, known)).toHaveLength(count);
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
