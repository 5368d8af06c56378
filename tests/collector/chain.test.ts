import { afterEach, describe, expect, it } from 'vitest';
import { eventually } from '../processes/api.ts';
import { type CollectorProcess, startCollector } from '../processes/collector.ts';
import { expectedLedger, storedLedger } from './ledger.ts';
import { makeLoad, range, send } from './load.ts';
import { missing } from './programs.ts';
import { openStage, type Stage, toSidecar } from './stage.ts';
import { storedRows } from './tables.ts';

const reason = missing('otelcol');
const REQUESTS = 60;
const LEDGER_DEADLINE_MS = 40_000;

let stage: Stage | undefined;
let gateway: CollectorProcess | undefined;
let agent: CollectorProcess | undefined;
afterEach(async () => {
  await agent?.close();
  await gateway?.close();
  await stage?.close();
});

const quick = (exporter: string): string =>
  `exporters::${exporter}::retry_on_failure: {initial_interval: 50ms, max_interval: 500ms}`;

describe('application -> agent.yaml -> gateway.yaml -> sidecar, each of them killed once in mid-stream', () => {
  it('nothing lost, nothing doubled', { timeout: 120_000 }, async ({ skip }) => {
    if (reason !== undefined) skip(reason);
    const opened = await openStage();
    stage = opened;
    gateway = await startCollector({
      file: 'gateway.yaml',
      changes: [quick('otlp_grpc')],
      environment: toSidecar(opened.sidecar()),
    });
    agent = await startCollector({
      file: 'agent.yaml',
      changes: [quick('otlp_http')],
      environment: { UPSTREAM_HTTP: gateway.http, AGENT_PROCESSES: '^otelcol$' },
    });
    const load = makeLoad('chained', REQUESTS);
    const logs = (): Promise<number> => storedRows(opened.sql, 'telemetry_log_events', load.service);
    const kills: readonly (() => Promise<void>)[] = [
      async () => {
        await gateway?.kill9();
        gateway = await gateway?.again();
      },
      async () => {
        await opened.end('SIGKILL');
        await opened.start();
      },
      async () => {
        await agent?.kill9();
        agent = await agent?.again();
      },
    ];
    const part = REQUESTS / kills.length;
    for (const [index, kill] of kills.entries()) {
      const before = await logs();
      const sending = send(load, agent.http, range(index * part, (index + 1) * part));
      // Rejects while nobody waits for it, too.
      sending.catch(() => undefined);
      await eventually(logs, (count) => count > before);
      await kill();
      await sending;
    }
    const expected = expectedLedger(load);
    const isRight = (ledger: unknown): boolean => JSON.stringify(ledger) === JSON.stringify(expected);
    await eventually(() => storedLedger(opened.sql, load), isRight, LEDGER_DEADLINE_MS);
    await agent?.stop();
    await gateway?.stop();
    expect(await storedLedger(opened.sql, load)).toEqual(expected);
  });
});
