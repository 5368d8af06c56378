import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { fileURLToPath } from 'node:url';
import { settingRows } from '@command-center/contract/settings/settings';
import { freshDatabase } from '@command-center/drizzle/testing/database';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { adminToken, base } from '../api/stage.ts';
import { behavesLikeTheApi, runtimeSettings, type StartRuntime } from './behaviours.ts';
import { bundlePath, readWrangler, workerModules, wranglerUrl } from './bundles.ts';
import { bucketCredentials, putsExports } from './exports.ts';
import { startWorkerd, type WorkerdOptions } from './workerd.ts';

const wrangler = await readWrangler();
const runtime = {
  modules: workerModules(),
  compatibilityDate: wrangler.compatibility_date,
};
const start = (options: Omit<WorkerdOptions, keyof typeof runtime>) => startWorkerd({ ...runtime, ...options });
const behindHyperdrive = (databaseUrl: string) => ({ binding: wrangler.hyperdrive[0].binding, databaseUrl });

test('wrangler.jsonc names what the build writes', () => {
  expect(fileURLToPath(new URL(wrangler.main, wranglerUrl))).toBe(bundlePath('worker'));
  // Before this date every module is compiled at the start (docs/runtimes.md).
  expect(wrangler.compatibility_date >= '2026-11-17').toBe(true);
  expect(existsSync(new URL(`${wrangler.assets.directory}/index.html`, wranglerUrl))).toBe(true);
  expect(Object.keys(wrangler.vars).filter((name) => /TOKEN|SECRET|URL/.test(name))).toEqual([]);
});

test('wrangler.jsonc names settings that exist, in its words as well, and makes Hyperdrive without its cache', () => {
  const text = readFileSync(wranglerUrl, 'utf8');
  const known = new Set(settingRows.map(({ name }) => name));
  const named = [...text.matchAll(/COMMAND_CENTER_\w+/g)].map(([name]) => name);
  expect(named).toContain('COMMAND_CENTER_SESSION_SECRET');
  expect([...named, ...Object.keys(wrangler.vars)].filter((name) => !known.has(name))).toEqual([]);
  expect(text).toMatch(/hyperdrive create \S+ --caching-disabled /);
});

describe('on Workers, behind Hyperdrive', () => {
  const behind: StartRuntime = (databaseUrl, variables) =>
    start({ variables, hyperdrive: behindHyperdrive(databaseUrl) });
  behavesLikeTheApi(behind);
  putsExports(behind, bucketCredentials);
});

describe('on Workers, with a database of its own', () => {
  behavesLikeTheApi((databaseUrl, settings) =>
    start({ variables: { ...settings, COMMAND_CENTER_DATABASE_URL: databaseUrl } }),
  );
});

describe('a Worker', () => {
  const headers = { Authorization: `Bearer ${adminToken}` };

  test('whose settings are refused says so in its log, and to clients nothing of them', async () => {
    const worker = await start({ variables: { ...runtimeSettings, COMMAND_CENTER_SESSION_SECRET: '' } });
    try {
      const answer = await fetch(`${worker.url}${base}/config`, { headers });
      expect(answer.status).toBe(500);
      expect(await answer.text()).not.toContain('COMMAND_CENTER');
      await expect.poll(() => worker.log.join('\n')).toContain('COMMAND_CENTER_SESSION_SECRET: must be set');
      expect(worker.log.join('\n')).toContain('COMMAND_CENTER_DATABASE_URL: must be set');
    } finally {
      await worker.stop();
    }
  });

  test('takes the contract as text, and says where the text of a file belongs', async () => {
    const database = await freshDatabase();
    const hyperdrive = behindHyperdrive(database.url);
    const contract = 'valkey:\n  used_for: the queue of mails\n';
    const worker = await start({
      variables: { ...runtimeSettings, COMMAND_CENTER_CONTRACT_YAML: contract },
      hyperdrive,
    });
    const wrong = await start({ variables: { ...runtimeSettings, COMMAND_CENTER_CONTRACT: '/a.yaml' }, hyperdrive });
    try {
      const answer = await fetch(`${worker.url}${base}/config`, { headers });
      expect(await answer.json()).toMatchObject({ valkey_used_for: 'the queue of mails' });
      expect((await fetch(`${wrong.url}${base}/config`, { headers })).status).toBe(500);
      await expect.poll(() => wrong.log.join('\n')).toContain('COMMAND_CENTER_CONTRACT_YAML');
    } finally {
      await worker.stop();
      await wrong.stop();
      await database.drop();
    }
  });

  describe('with the console as its assets', () => {
    let assets: Server;
    let worker: Awaited<ReturnType<typeof startWorkerd>>;
    // As Workers' static assets answer: the page at the root alone (html_handling "auto-trailing-slash").
    const files: Readonly<Record<string, string>> = {
      '/': '<title>console</title>',
      '/assets/index-1.js': 'export {};',
    };
    beforeAll(async () => {
      assets = createServer((request, response) => {
        const file = files[request.url ?? ''];
        const isKnown = request.headers['if-none-match'] === '"1"';
        response.writeHead(file === undefined ? 404 : isKnown ? 304 : 200, {
          ETag: '"1"',
          'Content-Type': 'text/html',
        });
        response.end(isKnown ? undefined : file);
      }).listen(0, '127.0.0.1');
      await once(assets, 'listening');
      const address = assets.address();
      if (address === null || typeof address === 'string') throw new Error('no port');
      worker = await start({
        variables: { ...runtimeSettings, COMMAND_CENTER_DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' },
        assets: { binding: wrangler.assets.binding, address: `127.0.0.1:${address.port}` },
      });
    });
    afterAll(async () => {
      await worker.stop();
      assets.closeAllConnections();
      assets.close();
    });

    test.each(['/', '/command-center', '/command-center/logs?range=7d'])('%s is the page', async (path) => {
      const answer = await fetch(`${worker.url}${path}`);
      expect([answer.status, await answer.text()]).toEqual([200, files['/']]);
      expect(answer.headers.get('cache-control')).toBe('no-cache');
      expect(answer.headers.get('content-security-policy')).toContain("script-src 'self'");
    });

    test('a hashed file may be kept for ever, and what did not change is not sent again', async () => {
      const answer = await fetch(`${worker.url}/assets/index-1.js`);
      expect(answer.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
      expect((await fetch(worker.url, { headers: { 'If-None-Match': '"1"' } })).status).toBe(304);
    });

    test('what is none of its files is not found', async () => {
      for (const path of ['/other', '/api/nothing', '/assets/none.js'])
        expect((await fetch(`${worker.url}${path}`)).status).toBe(404);
    });
  });
});
