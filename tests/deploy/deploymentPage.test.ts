import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { startPostgres } from '@command-center/infra/local/postgres';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startProgram, untilReady } from '../processes/child.ts';
import { freePorts } from '../processes/collector.ts';
import { npmOnline } from '../release/npm.ts';
import { composePath } from './compose.ts';
import { root } from './containerfile.ts';

const page = readFileSync(join(root, 'docs/deployment.md'), 'utf8');
const blocks = [...page.matchAll(/(?:<!-- (run|needs): ([^>]*) -->\n)?```sh\n([\s\S]*?)```/g)].map(
  ([, kind, what = '', text = '']) => ({ kind, what: what.trim(), lines: text.trim().split('\n') }),
);
const linesOf = (name: string): string[] =>
  blocks.find(({ kind, what }) => kind === 'run' && what === name)?.lines ?? [];
const TOKEN = 'a-token-for-tests-of-at-least-32-characters';

describe('docs/deployment.md', () => {
  const folder = mkdtempSync(join(tmpdir(), 'command-center-page-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  /** What the page calls by names of a host of one's own. */
  const here = (line: string): string =>
    line.replaceAll('/opt/command-center', join(folder, 'opt')).replaceAll('/tmp', folder);
  const shell = (line: string, cwd: string, environment: Record<string, string> = {}): string =>
    execFileSync('/bin/sh', ['-ec', line], {
      cwd,
      encoding: 'utf8',
      timeout: 240_000,
      env: { ...process.env, PATH: `${dirname(process.execPath)}:${process.env.PATH}`, ...environment },
    });

  it('says of each block of commands how it is run, or what it needs', () => {
    expect(blocks.length).toBeGreaterThan(4);
    for (const { kind, what, lines } of blocks)
      expect([lines[0], kind === undefined ? 'nothing' : what]).not.toEqual([lines[0], 'nothing']);
    const tried = ['compose', 'random', 'package', 'processes', 'health'];
    expect(blocks.flatMap(({ kind, what }) => (kind === 'run' ? [what] : []))).toEqual(tried);
  });

  it('compose: its first line copies what is there, its second is what compose.test.ts carries out', () => {
    const [copy = '', upLine = '', ...more] = linesOf('compose');
    cpSync(join(root, 'infra/containers'), join(folder, 'infra/containers'), { recursive: true });
    shell(copy, folder);
    expect(existsSync(join(folder, 'infra/containers/.env'))).toBe(true);
    expect(upLine).toBe(`docker compose --file ${composePath} up --detach --build --wait`);
    expect(more).toEqual([]);
  });

  it('random: gives a text that is long enough for each of the values', () => {
    expect(shell(linesOf('random').join('\n'), folder).trim()).toMatch(/^[0-9a-f]{48}$/);
  });

  it('package, processes and health: packed, installed, migrated, started, and well', {
    retry: 0,
    timeout: 240_000,
  }, async ({ skip }) => {
    const [install = '', pack = '', put = ''] = linesOf('package');
    // The tests run in a clone where this was done.
    expect(install).toBe('npm ci');
    shell(`${here(pack)} --ignore-scripts`, root);
    const words = here(put).split(' ').slice(1);
    const reason = await npmOnline(folder, ...words);
    if (reason !== undefined) skip(reason);

    const postgres = await startPostgres({ dataDir: join(folder, 'data') });
    const [sidecarPort, apiPort, grpcPort, httpPort] = await freePorts(4);
    const environment = {
      COMMAND_CENTER_DATABASE_URL: postgres.url,
      COMMAND_CENTER_ADMIN_TOKEN: TOKEN,
      COMMAND_CENTER_SESSION_SECRET: 'a-session-secret-for-tests-of-32-characters',
      COMMAND_CENTER_PORT: String(apiPort),
      COMMAND_CENTER_SIDECAR_PORT: String(sidecarPort),
      COMMAND_CENTER_SIDECAR_URL: `http://127.0.0.1:${sidecarPort}`,
      COMMAND_CENTER_OTLP_GRPC_PORT: String(grpcPort),
      COMMAND_CENTER_OTLP_HTTP_PORT: String(httpPort),
    };
    const [go = '', migrate = '', ...processes] = linesOf('processes');
    const dist = here(go).replace('cd ', '');
    const children: ReturnType<typeof startProgram>[] = [];
    try {
      expect(shell(migrate, dist, environment)).toMatch(/^applied 0001_telemetry/);
      for (const line of processes) {
        const [, ...flags] = line.split(' ');
        const started = startProgram(
          process.execPath,
          flags.map((flag) => (flag.endsWith('.mjs') ? join(dist, flag) : flag)),
          environment,
        );
        children.push(started);
        await untilReady(started.handle, started.child, z.looseObject({ event: z.literal('ready') }));
      }
      const answers: string[] = [];
      for (const line of linesOf('health'))
        answers.push(
          shell(line.replaceAll(':4320', `:${sidecarPort}`).replaceAll(':4319', `:${apiPort}`), folder, { TOKEN }),
        );
      expect(answers[0]).toMatch(/^ready/);
      expect(JSON.parse(answers[1] ?? '')).toMatchObject({ status: 'ok' });
      expect(JSON.parse(answers[2] ?? '')).toHaveProperty('verdict');
    } finally {
      for (const { child } of children.reverse()) {
        child.signal('SIGTERM');
        expect((await child.ended()).code).toBe(0);
      }
      await postgres.stop();
    }
  });

  it('its unit file starts what the package has, with the flags of a sidecar', () => {
    const start = /^ExecStart=(.*)$/m.exec(page)?.[1] ?? '';
    const line = linesOf('processes').find((each) => each.endsWith('sidecar.mjs')) ?? '';
    expect(
      start.replace('/usr/bin/node', 'node').replace('/opt/command-center/node_modules/command-center/dist/', ''),
    ).toBe(line);
  });
});
