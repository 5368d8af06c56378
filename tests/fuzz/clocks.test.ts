import { httpOk, reasons } from '@command-center/contract/reasons';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSidecar, type SidecarStage } from './sidecarStage.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;

let stage: SidecarStage;
beforeAll(async () => {
  stage = await openSidecar();
});
afterAll(async () => {
  await stage.close();
});

const at = (ms: number): string => `${Date.now() + ms}000000`;
const groups = {
  metrics: { resources: 'resourceMetrics', scopes: 'scopeMetrics', items: 'metrics', count: 'rejectedDataPoints' },
  logs: { resources: 'resourceLogs', scopes: 'scopeLogs', items: 'logRecords', count: 'rejectedLogRecords' },
  traces: { resources: 'resourceSpans', scopes: 'scopeSpans', items: 'spans', count: 'rejectedSpans' },
} as const;
type Signal = keyof typeof groups;

/** One record of each of the times. */
const itemsAt: Readonly<Record<Signal, (times: readonly string[]) => object[]>> = {
  metrics: (times) => [
    {
      name: 'kaiku_ws_connections_active',
      unit: '{connection}',
      gauge: { dataPoints: times.map((timeUnixNano) => ({ timeUnixNano, asInt: '7' })) },
    },
  ],
  logs: (times) => times.map((timeUnixNano) => ({ timeUnixNano, severityNumber: 17, body: { stringValue: 'late' } })),
  traces: (times) =>
    times.map((time, index) => ({
      traceId: '5b8efff798038103d269b633813fc60c',
      spanId: `eee19b7ec3c1b17${index}`,
      kind: 2,
      startTimeUnixNano: time,
      endTimeUnixNano: time,
    })),
};

async function send(signal: Signal, times: readonly string[]): Promise<unknown> {
  const { resources, scopes, items } = groups[signal];
  const body = { [resources]: [{ [scopes]: [{ [items]: itemsAt[signal](times) }] }] };
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${stage.sidecar.http}/v1/${signal}`, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
  });
  expect(answer.status).toBe(httpOk);
  return answer.json();
}

describe('clocks that are wrong (otlp-conformance item 22)', () => {
  it.each(
    (['metrics', 'logs', 'traces'] as const).flatMap((signal) => [
      { signal, when: 'tomorrow', ms: DAY_MS, reason: reasons.too_new },
      { signal, when: '11 minutes ahead', ms: 11 * MINUTE_MS, reason: reasons.too_new },
      { signal, when: '31 days ago', ms: -31 * DAY_MS, reason: reasons.too_old },
    ]),
  )(
    '$signal of $when are rejected with a reason, those of now beside them are stored',
    async ({ signal, ms, reason }) => {
      const partialSuccess = { [groups[signal].count]: '1', errorMessage: expect.stringContaining(reason.text) };
      expect(await send(signal, [at(0), at(ms)])).toEqual({ partialSuccess });
    },
  );

  it.each(['metrics', 'logs', 'traces'] as const)(
    '%s of 9 minutes ahead and of 29 days ago are taken',
    async (signal) => {
      expect(await send(signal, [at(9 * MINUTE_MS), at(-29 * DAY_MS)])).toEqual({});
    },
  );

  it('nothing rejected has a row', async () => {
    const [row] = await stage.sql`
      SELECT count(*) FILTER (WHERE ts > now() + interval '10 minutes' OR ts < now() - interval '30 days')::integer AS wrong,
        count(*) FILTER (WHERE ts BETWEEN now() - interval '2 minutes' AND now())::integer > 0 AS good
      FROM (SELECT ts FROM telemetry_open_windows UNION ALL SELECT ts FROM telemetry_metric_samples
        UNION ALL SELECT ts FROM telemetry_log_events UNION ALL SELECT ts FROM telemetry_trace_index) AS rows`;
    expect(row).toEqual({ wrong: 0, good: true });
  });
});
