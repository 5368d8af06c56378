import type { Signal } from '@command-center/sidecar/decode/records';
import { expect } from 'vitest';
import { eventually } from '../processes/api.ts';
import { type CollectorProcess, startCollector } from '../processes/collector.ts';
import { type FaultyDoor, faultyGrpc, faultyHttp, type Plan } from './faults.ts';
import { expectedLedger, type Ledger, type Lost, storedLedger } from './ledger.ts';
import { type Load, range, requestsIn } from './load.ts';
import { openStage, type Stage } from './stage.ts';

export type ExporterName = 'otlp_grpc' | 'otlp_http';

/** How the gateway's queue is set up: as in gateway.yaml, the same with `batch`, or in memory. */
export type Queue = 'on disk' | 'on disk, with batch' | 'in memory' | 'in memory, with batch';

/** gateway.yaml -> a door that fails as told -> a sidecar. */
export interface Route {
  readonly stage: Stage;
  readonly door: FaultyDoor;
  gateway(): CollectorProcess;
  /** Ends the gateway and starts it again with its folder; `between` runs while it is away. */
  restartGateway(signal: 'SIGKILL' | 'SIGTERM', between?: () => void): Promise<void>;
  /** Waits until the tables hold exactly this; then stops the gateway, so that nothing is under way, and looks again. */
  expectLedger(load: Load, lost?: Lost): Promise<void>;
  close(): Promise<void>;
}

const LEDGER_DEADLINE_MS = 40_000;
/** Patience that suits a test: the waits of the file as shipped are seconds. */
const quick = 'retry_on_failure: {initial_interval: 50ms, max_interval: 500ms}';
const batch = 'batch: {flush_timeout: 50ms, min_size: 5, max_size: 7, sizer: items}';

export async function openRoute(
  exporter: ExporterName,
  options: { readonly queue?: Queue; readonly plan?: Plan; readonly changes?: readonly string[] } = {},
): Promise<Route> {
  const { queue = 'on disk' } = options;
  const stage = await openStage();
  const sidecar = stage.sidecar();
  const isHttp = exporter === 'otlp_http';
  const door = isHttp ? await faultyHttp(sidecar.http, options.plan) : await faultyGrpc(sidecar.grpc, options.plan);
  const changes = [
    `exporters::${exporter}::${quick}`,
    ...(queue.startsWith('in memory') ? [`exporters::${exporter}::sending_queue::storage: null`] : []),
    ...(queue.endsWith('with batch') ? [`exporters::${exporter}::sending_queue::${batch}`] : []),
    ...['metrics', 'logs', 'traces'].map((signal) => `service::pipelines::${signal}::exporters: [${exporter}]`),
    'service::telemetry::metrics::level: none',
    ...(options.changes ?? []),
  ];
  const environment = { SIDECAR_GRPC: door.address, SIDECAR_HTTP: `http://${door.address}` };
  let gateway = await startCollector({ file: 'gateway.yaml', changes, environment });
  return {
    stage,
    door,
    gateway: () => gateway,
    restartGateway: async (signal, between = () => undefined) => {
      await (signal === 'SIGKILL' ? gateway.kill9() : gateway.stop());
      between();
      gateway = await gateway.again();
    },
    expectLedger: async (load, lost = {}) => {
      const expected = expectedLedger(load, lost);
      await untilEqual(() => storedLedger(stage.sql, load), expected);
      if (gateway.isAlive()) await gateway.stop();
      expect(await storedLedger(stage.sql, load)).toEqual(expected);
    },
    close: async () => {
      await gateway.close();
      await door.close();
      await stage.close();
    },
  };
}

/** Polls until the ledger is as expected; past the deadline shows where it differs. */
async function untilEqual(read: () => Promise<Ledger>, expected: Ledger): Promise<void> {
  const wanted = JSON.stringify(expected);
  let last: Ledger | undefined;
  const isRight = (ledger: Ledger): boolean => {
    last = ledger;
    return JSON.stringify(ledger) === wanted;
  };
  await eventually(read, isRight, LEDGER_DEADLINE_MS).catch(() => undefined);
  expect(last).toEqual(expected);
}

/** Requests that no attempt brought to the sidecar, by signal. */
export function undelivered({ requests }: Load, door: FaultyDoor): Lost {
  const lostOf = (signal: Signal): Set<number> => {
    const left = new Set(range(0, requests.length));
    for (const { signal: of, body, fault } of door.attempts)
      if (of === signal && (fault === undefined || fault.isStored === true))
        for (const index of requestsIn(signal, body)) left.delete(index);
    return left;
  };
  return { metrics: lostOf('metrics'), logs: lostOf('logs'), traces: lostOf('traces') };
}
