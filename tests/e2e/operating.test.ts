import http from 'node:http';
import { freshDatabase } from '@command-center/drizzle/testing/database';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SidecarProcess, startSidecar } from '../processes/sidecar.ts';

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
