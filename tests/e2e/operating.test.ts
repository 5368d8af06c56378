import http from 'node:http';
import { freshDatabase } from '@command-center/drizzle/testing/database';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { metricOf } from '../processes/own.ts';
import { type SidecarProcess, startSidecar } from '../processes/sidecar.ts';

describe("the sidecar's own metrics agree with what became of what was sent", () => {
  it('counts received, stored, dropped, refused and masked by signal and reason, and times each batch', async () => {
    const database = await freshDatabase();
    const sidecar = await startSidecar(database.url, { COMMAND_CENTER_OTLP_MAX_BODY_BYTES: '1MiB' });
    try {
      const timeUnixNano = `${Date.now()}000000`;
      const log = (severityNumber: number, text: string) => ({
        timeUnixNano,
        severityNumber,
        body: { stringValue: text },
      });
      const logRecords = [log(17, 'mail to someone@example.com failed'), log(17, 'no'), log(9, 'fine')];
      const resourceLogs = [{ resource: { attributes: [] }, scopeLogs: [{ logRecords }] }];
      const spans = [{ traceId: 'zz', spanId: '', name: 'x', startTimeUnixNano: timeUnixNano }];
      const post = async (path: string, body: string): Promise<number> => {
        const headers = { 'content-type': 'application/json' };
        const answer = await fetch(`${sidecar.http}${path}`, { method: 'POST', headers, body });
        await answer.arrayBuffer();
        return answer.status;
      };
      expect(await post('/v1/logs', JSON.stringify({ resourceLogs }))).toBe(200);
      expect(await post('/v1/traces', JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] }))).toBe(400);
      expect(await post('/v1/metrics', 'x'.repeat(2 ** 20 + 1))).toBe(413);
      const text = await (await fetch(`${sidecar.own}/metrics`)).text();
      const lines = text.split('\n').filter((line) => /^command_center_sidecar_(records|requests)/.test(line));
      expect(lines.toSorted()).toEqual([
        'command_center_sidecar_records_dropped_total{signal="logs",reason="below_warn"} 1',
        'command_center_sidecar_records_masked_total{signal="logs",rule="email"} 1',
        'command_center_sidecar_records_received_total{signal="logs"} 3',
        'command_center_sidecar_records_stored_total{signal="logs"} 2',
        'command_center_sidecar_requests_refused_total{signal="metrics",reason="too_large"} 1',
        'command_center_sidecar_requests_refused_total{signal="traces",reason="undecodable"} 1',
      ]);
      for (const name of ['batches_total', 'batch_commit_duration_seconds_count', 'batch_build_duration_seconds_count'])
        expect([name, await metricOf(sidecar, name)]).toEqual([name, 1]);
      expect(await metricOf(sidecar, 'batch_size_bytes_sum')).toBe(JSON.stringify({ resourceLogs }).length);
      expect(await metricOf(sidecar, 'writers_total')).toBe(1);
      expect(await metricOf(sidecar, 'in_flight_bytes')).toBe(0);
      const lagSeconds = await metricOf(sidecar, 'lag_seconds');
      expect(lagSeconds).toBeGreaterThan(0);
      expect(lagSeconds).toBeLessThan(60);
      expect(await metricOf(sidecar, 'memory_resident_bytes')).toBeGreaterThan(30e6);
      expect(await metricOf(sidecar, 'event_loop_delay_seconds_count')).toBeGreaterThan(0);
    } finally {
      await sidecar.stop();
      await database.drop();
    }
  });
});

describe("the sidecar's own HTTP server (interfaces.md §5: /healthz, /readyz, /metrics)", () => {
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  let sidecar: SidecarProcess;
  beforeAll(async () => {
    database = await freshDatabase();
    sidecar = await startSidecar(database.url);
  });
  afterAll(async () => {
    await sidecar.stop();
    await database.drop();
  });

  it('is alive, and ready as soon as the ready line says that it serves', async () => {
    expect((await fetch(`${sidecar.own}/healthz`)).status).toBe(200);
    const ready = await fetch(`${sidecar.own}/readyz`);
    expect([ready.status, await ready.text()]).toEqual([200, 'ready\n']);
  });

  it("answers with Prometheus' text format 0.0.4", async () => {
    const answer = await fetch(`${sidecar.own}/metrics`);
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const text = await answer.text();
    expect(text).toMatch(/^# TYPE command_center_sidecar_ready gauge\ncommand_center_sidecar_ready 1$/m);
    expect(text.endsWith('\n')).toBe(true);
  });

  it('answers HEAD as GET without a body, whatever the query', async () => {
    const answer = await fetch(`${sidecar.own}/metrics?name=x`, { method: 'HEAD' });
    expect([answer.status, await answer.text()]).toEqual([200, '']);
    expect(Number(answer.headers.get('content-length'))).toBeGreaterThan(100);
  });

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])('answers %s with 405 and what is allowed', async (method) => {
    const answer = await fetch(`${sidecar.own}/readyz`, { method });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  it.each(['/', '/metrics/', '/readyz/x', '/v1/logs', '/constructor'])('answers %s with 404', async (path) => {
    expect((await fetch(`${sidecar.own}${path}`)).status).toBe(404);
  });

  it('keeps its connections over requests with bodies, which it does not read', async () => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const status = (method: string, path: string, body = ''): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        const request = http.request(`${sidecar.own}${path}`, { method, agent }, (response) => {
          response.resume().on('end', () => resolve(response.statusCode));
        });
        request.on('error', reject).end(body);
      });
    expect(await status('POST', '/healthz', 'x'.repeat(100_000))).toBe(405);
    expect(await status('GET', '/healthz')).toBe(200);
    agent.destroy();
  });
});
