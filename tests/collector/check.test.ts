import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { missing, placesOf } from './programs.ts';

const reason = missing('otelcol', 'otelcol-lb');
const folderOf = fileURLToPath(new URL('../../infra/collector/', import.meta.url));
const files = readdirSync(folderOf).filter((name) => name.endsWith('.yaml'));
const made = mkdtempSync(join(tmpdir(), 'command-center-check-'));
afterAll(() => rmSync(made, { recursive: true, force: true }));

/** With the variables that have no default. */
function check(...words: string[]): { code: number | null; lines: string[] } {
  const environment = { PATH: process.env.PATH ?? '', OTLP_TOKEN: 'a', DOOR_TOKEN: 'b' };
  const { status, stdout } = spawnSync(process.execPath, [join(folderOf, 'check.ts'), ...words], {
    encoding: 'utf8',
    env: environment,
  });
  return { code: status, lines: stdout.trim().split('\n') };
}

describe('whether a collector knows what our files say (docs/collector.md)', () => {
  it.for([
    ['gateway.yaml'],
    ['agent.yaml'],
    ['ecs.yaml'],
    ['gateway.yaml', 'tls.yaml'],
    ['gateway.yaml', 'kubernetes.yaml'],
    ['gateway.yaml', 'early.yaml'],
    ['agent.yaml', 'early.yaml'],
  ])('the one of the tests knows %j', (names, { skip }) => {
    if (reason !== undefined) skip(reason);
    const { code, lines } = check(placesOf('otelcol').binary, ...names.map((name) => join(folderOf, name)));
    expect([code, lines.length]).toEqual([0, 1]);
  });

  it('its sister knows load-balancing.yaml, and the one without that exporter says so in a line', ({ skip }) => {
    if (reason !== undefined) skip(reason);
    const file = join(folderOf, 'load-balancing.yaml');
    expect(check(placesOf('otelcol-lb').binary, file).code).toBe(0);
    const { code, lines } = check(placesOf('otelcol').binary, file);
    expect([code, lines.length]).toEqual([1, 1]);
    expect(lines[0]).toMatch(/does not take .*load-balancing\.yaml: 'exporters' unknown type: "load_balancing"/);
  });

  it('a key that it does not know is named', ({ skip }) => {
    if (reason !== undefined) skip(reason);
    const file = join(made, 'newer.yaml');
    writeFileSync(
      file,
      readFileSync(join(folderOf, 'ecs.yaml'), 'utf8').replace(
        'check_interval: 1s',
        'check_interval: 1s\n    limit_of_tomorrow: 1',
      ),
    );
    const { code, lines } = check(placesOf('otelcol').binary, file);
    expect([code, lines.length]).toEqual([1, 1]);
    expect(lines[0]).toContain('limit_of_tomorrow');
  });

  it('one that is too old is told so by version, before it trips over a key', () => {
    const old = join(made, 'otelcol-old');
    writeFileSync(old, '#!/bin/sh\necho "otelcol-contrib version 0.143.0"\n');
    chmodSync(old, 0o755);
    const { code, lines } = check(old, join(folderOf, 'gateway.yaml'));
    expect([code, lines]).toEqual([
      1,
      [expect.stringMatching(/is 0\.143, and .*gateway\.yaml needs 0\.159 or later$/)],
    ]);
    expect(check(join(made, 'nothing-here'), join(folderOf, 'gateway.yaml'))).toMatchObject({
      code: 1,
      lines: [expect.stringContaining('says no version')],
    });
  });
});

describe('the head of each file', () => {
  it.each(files)('%s explains each variable that it reads, and none that it does not', (name) => {
    const text = readFileSync(join(folderOf, name), 'utf8');
    const head = text
      .split('\n')
      .filter((line) => line.startsWith('#'))
      .join('\n');
    const read = new Set(
      [...text.replaceAll(/^#.*$/gm, '').matchAll(/\$\{env:([A-Z_]+)/g)].map(([, variable]) => variable),
    );
    const explained = new Set(
      [...head.matchAll(/^# {3}([A-Z][A-Z_, ]+[A-Z])(?= )/gm)].flatMap(([, names = '']) => names.split(', ')),
    );
    expect([...explained].sort()).toEqual([...read].sort());
    expect(head).toMatch(/0\.\d+ or later|--feature-gates/);
  });
});
