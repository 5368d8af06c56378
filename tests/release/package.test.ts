import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { encodings, openClient } from '../e2e/client.ts';
import { type AllInOne, failedAllInOne, startAllInOne } from '../processes/allInOne.ts';
import { api, eventually } from '../processes/api.ts';
import { startProgram } from '../processes/child.ts';
import { npm, npmOnline } from './npm.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const TOKEN = 'a-token-for-tests-of-at-least-32-characters';
/** Bytes. What there is (1.4 and 6.5 MB) and a third more: what is bundled by mistake is larger than that. */
const PACKED_LIMIT = 1_900_000;
const UNPACKED_LIMIT = 8_700_000;
/** interfaces.md §5 */
const STOP_LIMIT_MS = 5_000;

const packed = z.object({
  filename: z.string(),
  size: z.number(),
  unpackedSize: z.number(),
  files: z.array(z.object({ path: z.string() })),
});
/** npm 11 gives a list, npm 12 an object by name. */
const packing = z.union([z.array(packed), z.record(z.string(), packed).transform((each) => Object.values(each))]);

describe('the npm package, installed in an empty folder', () => {
  let folder: string;
  let facts: z.infer<typeof packed>;
  let skipped: string | undefined;
  let running: AllInOne | undefined;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'command-center-package-'));
    const said = await npm(root, 'pack', '--json', '--ignore-scripts', '--pack-destination', folder);
    [facts] = packing.parse(JSON.parse(said)) as [z.infer<typeof packed>];
    await writeFile(join(folder, 'package.json'), '{}');
    skipped = await npmOnline(folder, 'install', join(folder, facts.filename));
  }, 300_000);
  afterAll(async () => {
    await running?.stop();
    await rm(folder, { recursive: true, force: true });
  });
  const bin = (): string => join(folder, 'node_modules/.bin/command-center');
  const say = async (...flags: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> => {
    const { child, handle } = startProgram(bin(), flags, {});
    let stdout = '';
    handle.stdout?.on('data', (text) => {
      stdout += text;
    });
    return { ...(await child.ended()), stdout };
  };

  it('holds what runs, its bill of materials and licences, and nothing else', async () => {
    const paths = facts.files.map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining([
        'README.md',
        'LICENSE',
        'CHANGELOG.md',
        'dist/sidecar.mjs',
        'dist/worker.mjs',
        'dist/api.mjs',
        'dist/migrate.mjs',
        'dist/migrations/0001_telemetry.sql',
        'dist/web/index.html',
        'dist/sbom.cdx.json',
        'dist/THIRD-PARTY-LICENCES.txt',
      ]),
    );
    expect(paths.filter((path) => !/^(dist\/|package\.json$|[A-Z]+(\.md)?$)/.test(path))).toEqual([]);
    expect(paths.filter((path) => /\.(ts|map|svelte)$/.test(path))).toEqual([]);
    process.stdout.write(`package: ${facts.size} B packed, ${facts.unpackedSize} B unpacked, ${paths.length} files\n`);
    expect(facts.size).toBeLessThan(PACKED_LIMIT);
    expect(facts.unpackedSize).toBeLessThan(UNPACKED_LIMIT);
    // A shell would run a file without it line by line.
    const program = await readFile(join(root, 'dist/command-center.mjs'), 'utf8');
    expect(program.startsWith('#!/usr/bin/env node\n')).toBe(true);
  });

  it('says its version, its commands and settings, and refuses what it does not know', async ({ skip }) => {
    if (skipped !== undefined) skip(skipped);
    const { version } = z
      .object({ version: z.string() })
      .parse(JSON.parse(await readFile(join(root, 'package.json'), 'utf8')));
    expect(await say('--version')).toMatchObject({ code: 0, stdout: `${version}\n` });
    expect((await say('--help')).stdout).toMatch(/migrate.*\n.*demo/);
    expect((await say('--settings')).stdout).toMatch(/^COMMAND_CENTER_DATABASE_URL \[embedded Postgres\]/);
    const refused = await say('strat');
    expect([refused.code, refused.stderr.trim().split('\n')]).toEqual([2, [expect.stringContaining('"strat"')]]);
    const extra = await say('migrate', 'now');
    expect([extra.code, extra.stderr.trim().split('\n')]).toEqual([2, [expect.stringContaining('"now"')]]);
    expect(await npm(folder, 'exec', '--no', '--', 'command-center', '--version')).toBe(`${version}\n`);
  });

  it('starts, stores what the SDK sends, serves the console, ends within 5 s, and still has it at its next start', {
    retry: 0,
    timeout: 120_000,
  }, async ({ skip }) => {
    if (skipped !== undefined) skip(skipped);
    const environment = { COMMAND_CENTER_DATA_DIR: join(folder, 'data'), COMMAND_CENTER_ADMIN_TOKEN: TOKEN };
    const start = async (): Promise<AllInOne> => {
      running = await startAllInOne(environment, { file: bin(), flags: ['start'] });
      return running;
    };
    const first = await start();
    for (const encoding of encodings) {
      const client = openClient(encoding, first, 'packed');
      client.logger.emit({ severityNumber: 17, body: `sent over ${encoding.name}` });
      await client.close();
    }
    const messages = async (at: AllInOne): Promise<(string | null)[]> =>
      (await api(at.console, TOKEN).logs({ service: 'packed' })).items.map(({ message }) => message).sort();
    const expected = encodings.map(({ name }) => `sent over ${name}`).sort();
    expect(await messages(first)).toEqual(expected);
    expect(await (await fetch(first.console)).text()).toMatch(/<!doctype html>[\s\S]*<script/);
    const summary = () => api(first.console, TOKEN).summary();
    expect((await eventually(summary, ({ written_at }) => written_at !== null)).stale).toBe(false);
    // Another start on its folder, of the package or a clone, is told so and leaves it alone.
    for (const program of [{ file: bin(), flags: [] }, undefined]) {
      const { code, stderr } = await failedAllInOne(environment, program);
      expect([code, stderr.trim().split('\n')]).toEqual([
        1,
        [expect.stringContaining(`is in use by another Command Center (process ${first.pid})`)],
      ]);
      expect(await messages(first)).toEqual(expected);
    }
    const stoppingAt = performance.now();
    expect(await first.stop()).toMatchObject({ code: 0 });
    expect(performance.now() - stoppingAt).toBeLessThan(STOP_LIMIT_MS);
    const second = await start();
    expect(await messages(second)).toEqual(expected);
    expect(await second.stop()).toMatchObject({ code: 0 });
    running = undefined;
  });
});
