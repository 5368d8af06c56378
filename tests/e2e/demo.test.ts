import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDemo } from '../processes/demo.ts';
import { openStage, type Stage } from './stage.ts';

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
