import { type Contract, createContract, defaultContract } from '@command-center/contract/contract';
import { parseContractFile } from '@command-center/contract/contractFile/parse';
import { readSettings } from '@command-center/contract/settings/settings';
import type { MetricTree } from '@command-center/sidecar/decode/testing/trees';
import { type Sidecar, startSidecar } from '@command-center/sidecar/main';
import type { Sql } from 'postgres';
import { afterAll, beforeAll } from 'vitest';
import { minutesOf, reasonsOf } from './metricRows.ts';
import { type Attributes, metricsOf } from './requests.ts';
import { type Answer, type DoorName, send } from './send.ts';
import { type LogLine, openStage, type Stage } from './stage.ts';

export interface Sender {
  readonly door?: DoorName;
  readonly resource?: Attributes;
  readonly scope?: string;
  /** Base address of another sidecar than the stage's own. */
  readonly http?: string;
}

/** What one point did: how much it added to its series over all minutes, and what intake says of it, stored points apart. */
export interface Effect {
  readonly added: number;
  readonly reasons: readonly string[];
}

/** A sidecar whose metrics are looked at: it can be stopped and started again on its database in mid-stream. */
export interface MetricStage {
  readonly sql: Sql;
  readonly logged: readonly LogLine[];
  /** Of the sidecar that answers now. */
  readonly http: string;
  /** A channel to the gRPC door of the first one. */
  readonly client: Stage['client'];
  send(service: string, metrics: readonly MetricTree[], sender?: Sender): Promise<Answer>;
  /** Sends the points one by one, each in a request of its own, and tells what each added. */
  effects(service: string, metrics: readonly MetricTree[], sender?: Sender): Promise<Effect[]>;
  /** As an operator restarts it: SIGTERM's stop, then a new one with empty memory on the same database. */
  restart(): Promise<void>;
  /** Another sidecar on the same database; its base address. */
  startAnother(): Promise<string>;
}

/** What an operator's YAML file makes of the built-in contract. */
function contractOf(yaml: string): Contract {
  const parsed = parseContractFile(yaml);
  if (!parsed.isValid) throw new Error(JSON.stringify(parsed.problems));
  return createContract(parsed.file);
}

/** Opened before the file's first test and closed after its last. `contractFile`: YAML, in place of the built-in contract. */
export function useMetricStage(environment: Readonly<Record<string, string>> = {}, contractFile?: string): MetricStage {
  const contract = contractFile === undefined ? defaultContract : contractOf(contractFile);
  let stage: Stage | undefined;
  /** The one that answers in the stage's place since a restart. */
  let successor: Sidecar | undefined;
  const others: Sidecar[] = [];
  const logged: LogLine[] = [];
  let http = '';
  const opened = (): Stage => {
    if (stage === undefined) throw new Error('the stage opens before the first test');
    return stage;
  };
  const start = async (): Promise<Sidecar> => {
    const ports = { COMMAND_CENTER_OTLP_GRPC_PORT: '0', COMMAND_CENTER_OTLP_HTTP_PORT: '0' };
    return startSidecar({
      settings: readSettings({ ...ports, COMMAND_CENTER_SIDECAR_PORT: '0', ...environment }),
      contract,
      databaseUrl: opened().databaseUrl,
      log: (event, fields = {}) => logged.push({ event, fields }),
    });
  };
  const addressOf = (sidecar: Sidecar): string => `http://${sidecar.http.host}:${sidecar.http.port}`;
  const restart = async (): Promise<void> => {
    await (successor ?? opened()).stop();
    successor = await start();
    http = addressOf(successor);
  };
  beforeAll(async () => {
    stage = await openStage(environment);
    http = stage.http;
    if (contractFile !== undefined) await restart();
  });
  afterAll(async () => {
    await Promise.all([...others, successor].map((sidecar) => sidecar?.stop()));
    await stage?.close();
  });
  const sendTo: MetricStage['send'] = (service, metrics, { door = 'HTTP/protobuf', ...sender } = {}) => {
    const to = { client: opened().client, http: sender.http ?? http };
    return send(to, door, 'metrics', metricsOf(service, metrics, sender));
  };
  return {
    get sql() {
      return opened().sql;
    },
    get logged() {
      return [...opened().logged, ...logged];
    },
    get http() {
      return http;
    },
    get client() {
      return opened().client;
    },
    send: sendTo,
    effects: (service, metrics, sender) => effectsOf(opened().sql, sendTo, service, metrics, sender),
    restart,
    startAnother: async () => {
      const other = await start();
      others.push(other);
      return addressOf(other);
    },
  };
}

async function effectsOf(
  sql: Sql,
  sendTo: MetricStage['send'],
  service: string,
  metrics: readonly MetricTree[],
  sender: Sender | undefined,
): Promise<Effect[]> {
  const effects: Effect[] = [];
  for (const metric of metrics) {
    for (const point of metric.points) {
      const before = await standing(sql, service, metric.name);
      await sendTo(service, [{ ...metric, points: [point] }], sender);
      const after = await standing(sql, service, metric.name);
      const reasons = Object.keys(after.reasons).filter((code) => after.reasons[code] !== before.reasons[code]);
      effects.push({ added: after.total - before.total, reasons });
    }
  }
  return effects;
}

/** Sum over the minutes: counters their increase, histograms their count, gauges their last value. */
async function standing(sql: Sql, service: string, name: string) {
  const minutes = await minutesOf(sql, service, name);
  const total = minutes.reduce((sum, row) => sum + ((row.spans === null ? (row.sum ?? row.last) : row.count) ?? 0), 0);
  return { total, reasons: await reasonsOf(sql, service) };
}
