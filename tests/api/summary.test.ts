import { type StoredSummary, summary, type VitalSign } from '@command-center/contract/api/summary';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { base, openStage, type Stage } from './stage.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await openStage(Date.now());
});
afterEach(() => stage.close());

const sign: VitalSign = {
  value: 120,
  unit: 'ms',
  colour: 'green',
  unknown: false,
  n: 100,
  numerator: null,
  subject: 'p95 over 5 min',
  quality: 'exact',
  lo: 118,
  hi: 122,
  thresholds: { warn: 200, crit: 1000 },
  age_s: 4,
  sparkline: [{ ts: '2026-03-10T12:00:00.000Z', value: 120 }],
};

const stored: StoredSummary = {
  verdict: { status: 'ok', reason: 'All is well', since: '2026-03-10T10:00:00.000Z' },
  vital_signs: { latency: sign, traffic: sign, errors: sign, saturation: sign },
  services: [
    { id: 'http_api', name: 'HTTP API', status: 'healthy', reason: 'answers', since: '2026-03-10T10:00:00.000Z' },
    { id: 's3', name: 'S3', status: 'unconfigured', reason: 'not set', since: null },
    {
      id: 'otel_pipeline',
      name: 'OTel Pipeline',
      status: 'healthy',
      reason: 'data flows',
      since: '2026-03-10T10:00:00.000Z',
    },
  ],
  alerts: [
    {
      signal: 'x',
      subject: 'y',
      value: 1,
      unit: '%',
      colour: 'yellow',
      threshold: 1,
      since: '2026-03-10T10:00:00.000Z',
    },
  ],
  metadata: {
    service: 'orders',
    version: '4.2.0',
    environment: 'production',
    uptime_s: 10,
    users_active: 5,
    guilds: 2,
  },
  started_at: '2026-03-10T10:00:00.000Z',
  freshness: { metrics: '2026-03-10T12:00:00.000Z', logs: null, traces: null },
};

async function write(ageSeconds: number): Promise<void> {
  await stage.sql`
    INSERT INTO telemetry_summary (written_at, writer, summary)
    VALUES (now() - make_interval(secs => ${ageSeconds}), 1, ${stage.sql.json(structuredClone(stored) as never)})`;
}

const read = async () => summary.parse(await stage.read(`${base}/summary`));

describe('/summary says how old what it says is (design §6)', () => {
  test('a fresh row is passed on as it is', async () => {
    await write(3);
    const { written_at, stale, now, audit_failures, ...rest } = await read();
    expect(rest).toEqual(stored);
    expect([stale, audit_failures]).toEqual([false, 0]);
    expect(Date.parse(now) - Date.parse(written_at ?? '')).toBeGreaterThanOrEqual(2_990);
  });

  test('past 15 s nothing a sidecar wrote counts any more', async () => {
    await write(16);
    const body = await read();
    expect(body.stale).toBe(true);
    expect(body.verdict).toEqual({
      status: 'down',
      reason: `OTel Pipeline: no sidecar has written since ${body.written_at}`,
      since: body.written_at,
    });
    expect(body.services.map(({ id, status }) => [id, status])).toEqual([
      ['http_api', 'unknown'],
      ['s3', 'unknown'],
      ['otel_pipeline', 'down'],
    ]);
    expect(body.services[2]?.reason).toBe(`down: no sidecar has written since ${body.written_at}`);
    for (const one of Object.values(body.vital_signs)) {
      expect(one).toMatchObject({ value: null, colour: null, unknown: true });
      expect(one.age_s).toBeGreaterThanOrEqual(20);
      expect(one.sparkline).toEqual(sign.sparkline);
    }
    expect(body.alerts).toEqual([]);
    expect(body.metadata).toEqual(stored.metadata);
  });

  test('before the first sidecar it says so, for all seven services', async () => {
    const body = await read();
    expect(body).toMatchObject({ written_at: null, stale: true, verdict: { status: 'unknown', since: null } });
    expect(body.verdict.reason).toContain('no sidecar has written yet');
    expect(body.services).toHaveLength(7);
    expect(new Set(body.services.map(({ status }) => status))).toEqual(new Set(['unknown']));
    expect(body.freshness).toEqual({ metrics: null, logs: null, traces: null });
  });
});
