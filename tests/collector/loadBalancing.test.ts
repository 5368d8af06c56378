import { afterEach, describe, expect, it } from 'vitest';
import { eventually } from '../processes/api.ts';
import { type CollectorProcess, startCollector } from '../processes/collector.ts';
import { type SidecarProcess, samePorts, startSidecar } from '../processes/sidecar.ts';
import { expectedLedger, storedLedger } from './ledger.ts';
import { makeLoad, range, send } from './load.ts';
import { missing } from './programs.ts';
import { openStage, type Stage } from './stage.ts';

const reason = missing('otelcol-lb');
const REQUESTS = 48;
const LEDGER_DEADLINE_MS = 40_000;

let stage: Stage | undefined;
let second: SidecarProcess | undefined;
let gateway: CollectorProcess | undefined;
afterEach(async () => {
  await gateway?.close();
  await second?.stop();
  await stage?.close();
  gateway = undefined;
  second = undefined;
  stage = undefined;
});

/** load-balancing.yaml in front of two sidecars on one Postgres. */
async function open(changes: readonly string[] = []) {
  const opened = await openStage();
  stage = opened;
  const other = await startSidecar(opened.databaseUrl);
  second = other;
  const balancer = await startCollector({
    program: 'otelcol-lb',
    file: 'load-balancing.yaml',
    changes,
    environment: { SIDECAR_A: opened.sidecar().grpc, SIDECAR_B: other.grpc },
  });
  gateway = balancer;
  return { opened, other, balancer };
}

const quick = ['metrics', 'logs', 'traces'].map(
  (signal) => `exporters::load_balancing/${signal}::retry_on_failure: {initial_interval: 50ms, max_interval: 500ms}`,
);

describe('load_balancing to two sidecars on one Postgres (design §9)', () => {
  it('by streamID: each takes a part, and the sum is exact', { timeout: 90_000 }, async ({ skip }) => {
    if (reason !== undefined) skip(reason);
    const { opened, balancer } = await open(quick);
    const load = makeLoad('balanced', REQUESTS);
    const expected = expectedLedger(load);
    await send(load, balancer.http, range(0, REQUESTS));
    const isRight = (ledger: unknown): boolean => JSON.stringify(ledger) === JSON.stringify(expected);
    await eventually(() => storedLedger(opened.sql, load), isRight, LEDGER_DEADLINE_MS);
    await balancer.stop();
    expect(await storedLedger(opened.sql, load)).toEqual(expected);
    const [writers] = await opened.sql<{ count: number }[]>`
      SELECT count(DISTINCT writer)::int AS count
      FROM (SELECT writer FROM telemetry_open_windows UNION ALL SELECT writer FROM telemetry_metric_samples) windows`;
    expect(writers?.count).toBe(2);
  });

  it('one of them is killed and comes back: nothing lost, nothing doubled', { timeout: 120_000 }, async ({ skip }) => {
    if (reason !== undefined) skip(reason);
    const { opened, other, balancer } = await open(quick);
    const load = makeLoad('balanced-kill', REQUESTS);
    const expected = expectedLedger(load);
    await send(load, balancer.http, range(0, REQUESTS / 3));
    await other.kill9();
    await send(load, balancer.http, range(REQUESTS / 3, (2 * REQUESTS) / 3));
    second = await startSidecar(opened.databaseUrl, samePorts(other));
    await send(load, balancer.http, range((2 * REQUESTS) / 3, REQUESTS));
    const isRight = (ledger: unknown): boolean => JSON.stringify(ledger) === JSON.stringify(expected);
    await eventually(() => storedLedger(opened.sql, load), isRight, LEDGER_DEADLINE_MS);
    await balancer.stop();
    expect(await storedLedger(opened.sql, load)).toEqual(expected);
  });
});
