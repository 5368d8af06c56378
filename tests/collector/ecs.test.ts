import { afterEach, describe, expect, it } from 'vitest';
import { eventually } from '../processes/api.ts';
import { type CollectorProcess, startCollector } from '../processes/collector.ts';
import { expectedLedger, storedLedger } from './ledger.ts';
import { makeLoad, range, send } from './load.ts';
import { missing } from './programs.ts';
import { openStage, type Stage } from './stage.ts';
import { storedRows } from './tables.ts';

const reason = missing('otelcol');
const TOKEN = 'q8Zt4mWc7RkL2xVb';
const REQUESTS = 72;

let stage: Stage | undefined;
let gateway: CollectorProcess | undefined;
afterEach(async () => {
  await gateway?.close();
  await stage?.close();
});

/** Collector and sidecar as in a task: one network namespace, one token. */
async function open(): Promise<{ stage: Stage; gateway: CollectorProcess }> {
  stage = await openStage({ COMMAND_CENTER_OTLP_TOKEN: TOKEN });
  gateway = await startCollector({
    file: 'ecs.yaml',
    environment: { OTLP_TOKEN: TOKEN, SIDECAR_GRPC: stage.sidecar().grpc, GATEWAY_METRICS_INTERVAL_MS: '500' },
  });
  return { stage, gateway };
}

describe('ecs.yaml: a gateway without a queue, whose disk dies with it (docs/adr/0027-no-queue-in-a-task.md)', () => {
  it('killed in mid-stream, and with its sidecar killed, loses nothing that it accepted and doubles nothing', {
    timeout: 120_000,
    retry: 0,
  }, async ({ skip }) => {
    if (reason !== undefined) skip(reason);
    const opened = await open();
    const load = makeLoad('tasked', REQUESTS);
    const logs = (): Promise<number> => storedRows(opened.stage.sql, 'telemetry_log_events', load.service);
    const kills: readonly (() => Promise<void>)[] = [
      async () => {
        await gateway?.kill9();
        gateway = await gateway?.again();
      },
      async () => {
        await opened.stage.end('SIGKILL');
        await opened.stage.start();
      },
      async () => {
        await opened.stage.end('SIGTERM');
        await opened.stage.start();
      },
    ];
    const part = REQUESTS / kills.length;
    for (const [index, kill] of kills.entries()) {
      const before = await logs();
      const sending = send(load, opened.gateway.http, range(index * part, (index + 1) * part), { token: TOKEN });
      // Rejects while nobody waits for it, too.
      sending.catch(() => undefined);
      await eventually(logs, (count) => count > before);
      await kill();
      await sending;
      // What was answered with success is stored by then: nothing waits in the collector.
      expect(await logs()).toBe((index + 1) * part * 3);
    }
    expect(await storedLedger(opened.stage.sql, load)).toEqual(expectedLedger(load));
  });

  it('takes what shows the token, refuses the rest, and drops what is below WARN', async ({ skip }) => {
    if (reason !== undefined) skip(reason);
    const opened = await open();
    const post = async (token: string | undefined, severityNumber: number): Promise<number> => {
      const logRecords = [
        { timeUnixNano: `${Date.now()}000000`, severityNumber, body: { stringValue: `severity ${severityNumber}` } },
      ];
      const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'locked' } }] };
      const answer = await fetch(`${opened.gateway.http}/v1/logs`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        },
        body: JSON.stringify({ resourceLogs: [{ resource, scopeLogs: [{ logRecords }] }] }),
      });
      return answer.status;
    };
    expect([await post(undefined, 17), await post('another-token-than-it', 17)]).toEqual([401, 401]);
    expect([await post(TOKEN, 9), await post(TOKEN, 13), await post(TOKEN, 17)]).toEqual([200, 200, 200]);
    const rows = await opened.stage.sql<{ message: string }[]>`
      SELECT message FROM telemetry_log_events WHERE service = 'locked' ORDER BY message`;
    expect(rows.map(({ message }) => message)).toEqual(['severity 13', 'severity 17']);
    const dropped = await opened.stage
      .sql`SELECT FROM telemetry_intake WHERE service = 'locked' AND reason = 'below_warn'`;
    expect(dropped).toHaveLength(0);
  });

  it('tells the sidecar of itself', async ({ skip }) => {
    if (reason !== undefined) skip(reason);
    const opened = await open();
    await send(makeLoad('told', 3), opened.gateway.http, range(0, 3), { token: TOKEN });
    const known = () =>
      opened.stage.sql`SELECT FROM telemetry_metric_series WHERE metric_name = 'otelcol_exporter_sent_log_records'`;
    expect((await eventually(known, (rows) => rows.length > 0)).length).toBeGreaterThan(0);
  });
});
