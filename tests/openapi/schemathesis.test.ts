import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { startApi } from '@command-center/api/entry/node';
import { readSettings } from '@command-center/contract/settings/settings';
import { describe, expect, test } from 'vitest';
import { seedDays, seedLogs, seedSeries, seedSpans, seedWindows } from '../api/seed.ts';
import { adminToken, openStage } from '../api/stage.ts';

/** Where .ci/run puts it. */
const installed = join(
  process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'),
  'command-center/schemathesis/bin/schemathesis',
);
const tool = process.env.SCHEMATHESIS ?? installed;
const reason = existsSync(tool)
  ? undefined
  : 'schemathesis is not installed: make a venv, pip install -r tests/openapi/requirements.txt, and name its program in SCHEMATHESIS';
/** Cases an operation; a fixed seed, so that a run that fails fails again. */
const examples = 40;
const minuteMs = 60_000;

describe('the API keeps what its OpenAPI document says', () => {
  test('schemathesis finds no answer that differs', { timeout: 300_000 }, async ({ skip }) => {
    if (reason !== undefined) skip(reason);
    const now = Date.now();
    const stage = await openStage(now);
    const cwd = await mkdtemp(join(tmpdir(), 'command-center-schemathesis-'));
    const settings = readSettings({
      COMMAND_CENTER_ADMIN_TOKEN: adminToken,
      COMMAND_CENTER_SESSION_SECRET: adminToken,
    });
    const api = await startApi({
      settings,
      databaseUrl: stage.databaseUrl,
      host: '127.0.0.1',
      port: 0,
      webRoot: cwd,
      log: () => undefined,
    });
    try {
      await seedDays(stage.sql, now - minuteMs, now);
      const series_id = await seedSeries(stage.sql, 'kaiku_http_requests_total', { 'service.name': 'orders' });
      const ts = new Date(Math.floor(now / minuteMs) * minuteMs - 3 * minuteMs).toISOString();
      await seedWindows(stage.sql, 'telemetry_metric_samples', [{ ts, series_id, writer: 1, value_sum: 5 }]);
      await seedLogs(stage.sql, [{ ts }]);
      await seedSpans(stage.sql, [{ ts, trace_id: 'a'.repeat(32), span_id: 'b'.repeat(16) }]);
      const run = await runTool(cwd, api.url);
      expect(run.output).toMatch(/Tested: \d+/);
      expect(run.code, run.output).toBe(0);
    } finally {
      await api.stop();
      await stage.close();
      await rm(cwd, { recursive: true, force: true });
    }
  });
});

async function runTool(cwd: string, url: string): Promise<{ readonly code: number | null; readonly output: string }> {
  const config = fileURLToPath(new URL('schemathesis.toml', import.meta.url));
  const child = spawn(
    tool,
    [
      ...['--config-file', config, 'run', `${url}/openapi.json`],
      ...['--header', `Authorization: Bearer ${adminToken}`, '--header', `Origin: ${url}`],
      ...[
        '--checks',
        'all',
        '--max-examples',
        String(examples),
        '--seed',
        '1',
        '--no-color',
        '--generation-database',
        'none',
      ],
    ],
    { cwd, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
  const [code] = await once(child, 'close');
  return { code, output };
}
