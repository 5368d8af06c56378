import { summary } from '@command-center/contract/api/summary';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { base, openStage, type Stage } from './stage.ts';
import { storedSummary } from './storedSummary.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await openStage(Date.now());
});
afterEach(() => stage.close());

async function write(ageSeconds: number): Promise<void> {
  await stage.sql`
    INSERT INTO telemetry_summary (written_at, writer, summary)
    VALUES (now() - make_interval(secs => ${ageSeconds}), 1, ${stage.sql.json(structuredClone(storedSummary) as never)})`;
}

const read = async () => summary.parse(await stage.read(`${base}/summary`));

describe('/summary says how old what it says is (design §6)', () => {
  test('a fresh row is passed on as it is', async () => {
    await write(3);
    const { written_at, stale, now, audit_failures, ...rest } = await read();
    expect(rest).toEqual(storedSummary);
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
      expect(one.sparkline).toEqual(storedSummary.vital_signs.latency.sparkline);
    }
    expect(body.alerts).toEqual([]);
    expect(body.metadata).toEqual(storedSummary.metadata);
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
