import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDemo } from '../processes/demo.ts';
import { openStage, type Stage } from './stage.ts';

const MINUTE_MS = 60_000;

const isRequests = ({ metric_name }: { readonly metric_name: string }): boolean =>
  metric_name === 'http.server.request.duration';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

describe('npm run demo', () => {
  it('sends nothing that the product refuses or does not know, ends by itself and shows an incident', async () => {
    const demo = startDemo([
      ...['--endpoint', stage.sidecar.http, '--history', '0', '--duration', '7s'],
      ...['--speed', '12', '--incident-after', '20s'],
    ]);
    const { code, stderr } = await demo.ended();
    expect(stderr).toContain('INCIDENT');
    expect(stderr).not.toContain('failed');
    expect(code).toBe(0);
    const intake = await stage.api.intake();
    expect(intake.unknown_metrics).toEqual([]);
    expect(intake.reasons.filter(({ outcome }) => outcome === 'refused')).toEqual([]);
    const services = ['kaiku-api', 'kaiku-gateway', 'kaiku-voice', 'otelcol'];
    expect([...new Set(intake.by_service.map(({ service }) => service))].sort()).toEqual(services);
    const { items } = await stage.api.logs({ level: 'ERROR', group: '1' });
    expect(items.map(({ event }) => event)).toContain('db.pool.timeout');
    expect(items.find(({ event }) => event === 'db.pool.timeout')).toMatchObject({
      trace_id: expect.stringMatching(/^[0-9a-f]{32}$/),
      count: expect.toSatisfy((count: number) => count > 1),
    });
    const pool = await stage.api.trends({
      metric: 'db.client.connection.count',
      where: 'db.client.connection.state:used',
    });
    expect(pool.series.flatMap(({ points }) => points).some(({ value }) => (value ?? 0) >= 45)).toBe(true);
    const errors = await stage.api.trends({ metric: 'kaiku_http_errors_total', by: 'http.response.status_code' });
    expect(errors.series.map(({ labels }) => labels['http.response.status_code'])).toContain('503');
  }, 60_000);

  it('sends its past first, up to the minute in which it goes on live, and a second time adds nothing', async () => {
    const own = await openStage();
    const sql = postgres(own.databaseUrl, { max: 1 });
    // Counts by metric and minute, of minutes that were over when the first demo began.
    const edge = new Date(Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS);
    const stored = () => sql<{ metric_name: string; ts: Date; events: number }[]>`
      SELECT metric_name, ts, sum(coalesce(value_count, 0))::float8 AS events FROM telemetry_metrics
      WHERE ts < ${edge} GROUP BY 1, 2 ORDER BY 1, 2`;
    const play = async () => {
      const flags = ['--endpoint', own.sidecar.http, '--history', '2h', '--duration', '3s'];
      const { code, stderr } = await startDemo(flags).ended();
      expect(stderr).toContain('the past: ');
      expect(stderr).not.toMatch(/failed|refused/);
      expect(code).toBe(0);
    };
    try {
      await play();
      const first = await stored();
      const minutes = new Set(first.filter(isRequests).map(({ ts }) => ts.getTime()));
      expect(minutes.size).toBeGreaterThanOrEqual(119);
      expect(Math.max(...minutes)).toBe(edge.getTime() - MINUTE_MS);
      expect((await own.api.intake()).reasons.filter(({ outcome }) => outcome === 'refused')).toEqual([]);
      // The open minute is not there twice: what the past left of it, and what lives, is one crowd.
      const counts = await sql<{ events: number }[]>`
        SELECT sum(value_count)::float8 AS events FROM telemetry_metrics WHERE metric_name = 'http.server.request.duration'
        GROUP BY ts ORDER BY ts DESC`;
      const whole = counts.slice(2).map(({ events }) => events);
      for (const { events } of counts.slice(0, 2)) expect(events).toBeLessThan(1.3 * Math.max(...whole));
      await play();
      expect((await stored()).filter(({ ts }) => minutes.has(ts.getTime()))).toEqual(
        first.filter(({ ts }) => minutes.has(ts.getTime())),
      );
    } finally {
      await sql.end();
      await own.close();
    }
  }, 120_000);

  it('Ctrl-C ends the past at once', async () => {
    const demo = startDemo(['--endpoint', stage.sidecar.http, '--history', '30d']);
    await demo.untilPrinted(/the past: /);
    const signalledAt = performance.now();
    demo.signal('SIGINT');
    expect((await demo.ended()).code).toBe(0);
    expect(performance.now() - signalledAt).toBeLessThan(2_000);
  });

  it('Ctrl-C flushes what was recorded and ends cleanly', async () => {
    const demo = startDemo(['--endpoint', stage.sidecar.http, '--history', '0']);
    await demo.untilPrinted(/points/);
    demo.signal('SIGINT');
    const { code, stderr } = await demo.ended();
    expect(code).toBe(0);
    expect(stderr).toMatch(/ended; [1-9]\d* points/);
  });

  it('says in a line where it looked when nothing listens', async () => {
    const { code, stderr } = await startDemo(['--endpoint', 'http://127.0.0.1:1']).ended();
    expect(code).toBe(1);
    expect(stderr.trim()).toMatch(/^nothing takes OTLP on http:\/\/127\.0\.0\.1:1: .*npm start.*--endpoint$/);
  });
});
