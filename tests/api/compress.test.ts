import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { startApi } from '@command-center/api/entry/node';
import { trends } from '@command-center/contract/api/trends';
import { readSettings } from '@command-center/contract/settings/settings';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seedDays, seedSeries } from './seed.ts';
import { adminToken, base, openStage, type Stage } from './stage.ts';

const SERIES = 40;
/** Moments at which a client goes away. */
const ROUNDS = 40;
/** Each round takes as long as an answer, and another machine's load is not what is tried. */
const ROUNDS_TIMEOUT_MS = 120_000;
const now = Date.now();
let stage: Stage;
let api: Awaited<ReturnType<typeof startApi>>;
beforeAll(async () => {
  stage = await openStage(now);
  await seedDays(stage.sql, now - 2 * 86_400_000, now);
  for (let series = 0; series < SERIES; series += 1)
    await seedSeries(stage.sql, 'kaiku_http_requests_total', { 'service.name': `service-${series}` });
  await stage.sql`INSERT INTO telemetry_metric_samples (ts, series_id, writer, value_sum)
    SELECT date_trunc('minute', now()) - n * interval '1 minute', id, 1, n FROM telemetry_metric_series, generate_series(1, 1400) AS n`;
  const settings = readSettings({ COMMAND_CENTER_ADMIN_TOKEN: adminToken, COMMAND_CENTER_SESSION_SECRET: adminToken });
  api = await startApi({
    settings,
    databaseUrl: stage.databaseUrl,
    host: '127.0.0.1',
    port: 0,
    webRoot: '/nowhere',
    log: () => undefined,
  });
});
afterAll(async () => {
  await api.stop();
  await stage.close();
});

/** Some megabytes. */
const path = `${base}/trends?metric=kaiku_http_requests_total&by=service.name&range=24h`;

async function ask(encoding: string): Promise<IncomingMessage> {
  const headers = { Authorization: `Bearer ${adminToken}`, 'Accept-Encoding': encoding };
  const [response] = await once(get(`${api.url}${path}`, { headers }), 'response');
  return response;
}

async function bodyOf(response: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part);
  return Buffer.concat(parts);
}

describe('answers are gzipped for who takes them', () => {
  test('and are the same then', async () => {
    const [plain, gzipped] = await Promise.all([ask('identity'), ask('br;q=1, gzip')]);
    expect([plain.headers['content-encoding'], gzipped.headers['content-encoding']]).toEqual([undefined, 'gzip']);
    const parsed = trends.parse(JSON.parse(gunzipSync(await bodyOf(gzipped)).toString()));
    expect(parsed.series).toEqual(trends.parse(JSON.parse((await bodyOf(plain)).toString())).series);
    expect(parsed.series).toHaveLength(SERIES);
    expect((await ask('gzip;q=0, deflate')).headers['content-encoding']).toBeUndefined();
  });

  test('a client that goes away before or in the middle of one leaves the process alive', {
    timeout: ROUNDS_TIMEOUT_MS,
  }, async () => {
    const startedAt = performance.now();
    await bodyOf(await ask('gzip'));
    const wholeMs = performance.now() - startedAt;
    for (let part = 0; part <= ROUNDS; part += 1) {
      const headers = { Authorization: `Bearer ${adminToken}`, 'Accept-Encoding': 'gzip' };
      const request = get(`${api.url}${path}`, { headers });
      request.on('error', () => undefined);
      const left = new Promise<void>((resolve) => void request.once('close', resolve));
      // At each moment of an answer's life; that is what is tried, so no event is waited for.
      setTimeout(() => request.destroy(), (part / ROUNDS) * wholeMs * 1.2);
      request.on('response', (response) => response.pause().on('error', () => undefined));
      await left;
    }
    expect((await ask('gzip')).statusCode).toBe(200);
  });
});
