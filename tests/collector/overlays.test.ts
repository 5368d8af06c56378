import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestCertificate, type TestCertificate } from '@command-center/sidecar/receive/testing/certificate';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../processes/api.ts';
import { type CollectorProcess, startCollector } from '../processes/collector.ts';
import { type KubernetesApi, startKubernetesApi } from './kubernetes.ts';
import { expectedLedger, storedLedger } from './ledger.ts';
import { makeLoad, range, send } from './load.ts';
import { missing } from './programs.ts';
import { openStage, type Stage, toSidecar } from './stage.ts';

const reason = missing('otelcol');
const LEDGER_DEADLINE_MS = 30_000;

let folder: string;
let stage: Stage | undefined;
let gateway: CollectorProcess | undefined;
let kubernetes: KubernetesApi | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'command-center-overlay-'));
});
afterEach(async () => {
  await gateway?.close();
  await stage?.close();
  await kubernetes?.close();
  [gateway, stage, kubernetes] = [undefined, undefined, undefined];
  await rm(folder, { recursive: true, force: true });
});
const file = async (name: string, text: string): Promise<string> => {
  await writeFile(join(folder, name), text);
  return join(folder, name);
};

describe('kubernetes.yaml over gateway.yaml', () => {
  it('accepts nothing before it knows the pods; then every resource has its names, and counts are exact', {
    timeout: 90_000,
    retry: 0,
  }, async ({ skip }) => {
    if (reason !== undefined) skip(reason);
    const opened = await openStage();
    stage = opened;
    const api = await startKubernetesApi();
    kubernetes = api;
    const starting = startCollector({
      file: 'gateway.yaml',
      over: 'kubernetes.yaml',
      changes: [
        'exporters::debug::verbosity: detailed',
        ...['metrics', 'logs', 'traces'].map(
          (signal) => `service::pipelines::${signal}::exporters: [otlp_grpc, debug]`,
        ),
      ],
      environment: {
        ...toSidecar(opened.sidecar()),
        KUBERNETES_AUTH: 'kubeConfig',
        KUBECONFIG: await file('kubeconfig', api.config),
      },
    });
    let isReady = false;
    starting.then(
      () => {
        isReady = true;
      },
      () => undefined,
    );
    await eventually(
      async () => api.asked.length,
      (count) => count > 0,
    );
    expect(isReady).toBe(false);
    api.open();
    gateway = await starting;
    const load = makeLoad('in-a-pod', 12);
    await send(load, gateway.http, range(0, 12));
    const expected = expectedLedger(load);
    const isRight = (ledger: unknown): boolean => JSON.stringify(ledger) === JSON.stringify(expected);
    await eventually(() => storedLedger(opened.sql, load), isRight, LEDGER_DEADLINE_MS);
    // What its role lets it see, and nothing else.
    expect([...new Set(api.asked.map((path) => path.split(' ', 1)[0]))]).toEqual(['/api/v1/pods']);
    const log = gateway.log();
    const resources = log.match(/service\.name: Str\(in-a-pod\)/g) ?? [];
    expect(resources.length).toBeGreaterThan(0);
    for (const attribute of [
      'k8s.pod.name: Str(orders-5d9c-x7k2p)',
      'k8s.deployment.name: Str(orders)',
      'k8s.namespace.name: Str(shop)',
    ])
      expect([attribute, log.split(attribute).length - 1]).toEqual([attribute, resources.length]);
  });
});

describe('tls.yaml over gateway.yaml', () => {
  it('takes senders with certificate and token, tells the sidecar over mTLS, and refuses all others', {
    timeout: 90_000,
    retry: 0,
  }, async ({ skip }) => {
    if (reason !== undefined) skip(reason);
    const [door, sender, stranger, sidecar, collector] = [
      'the door',
      'a sender',
      'a stranger',
      'the sidecar',
      'the collector',
    ].map((name) => createTestCertificate(name)) as [
      TestCertificate,
      TestCertificate,
      TestCertificate,
      TestCertificate,
      TestCertificate,
    ];
    const opened = await openStage({
      COMMAND_CENTER_OTLP_TOKEN: 'of-the-sidecar-kQ9x',
      COMMAND_CENTER_OTLP_TLS_CERT: await file('sidecar.crt', sidecar.cert),
      COMMAND_CENTER_OTLP_TLS_KEY: await file('sidecar.key', sidecar.key),
      COMMAND_CENTER_OTLP_TLS_CLIENT_CA: await file('collector-ca.crt', collector.cert),
    });
    stage = opened;
    gateway = await startCollector({
      file: 'gateway.yaml',
      over: 'tls.yaml',
      environment: {
        ...toSidecar(opened.sidecar()),
        SIDECAR_TOKEN: 'of-the-sidecar-kQ9x',
        DOOR_TOKEN: 'of-the-door-Zt4m',
        DOOR_CERT: await file('door.crt', door.cert),
        DOOR_KEY: await file('door.key', door.key),
        DOOR_CLIENT_CA: await file('sender-ca.crt', sender.cert),
        UPSTREAM_CA: await file('sidecar-ca.crt', sidecar.cert),
        UPSTREAM_CERT: await file('collector.crt', collector.cert),
        UPSTREAM_KEY: await file('collector.key', collector.key),
        GATEWAY_METRICS_INTERVAL_MS: '500',
      },
    });
    const port = Number(new URL(gateway.http).port);
    const body = JSON.stringify({
      resourceLogs: [
        {
          resource: { attributes: [{ key: 'service.name', value: { stringValue: 'sealed' } }] },
          scopeLogs: [
            {
              logRecords: [
                { timeUnixNano: `${Date.now()}000000`, severityNumber: 17, body: { stringValue: 'behind a lock' } },
              ],
            },
          ],
        },
      ],
    });
    const post = (token: string, certificate: TestCertificate | undefined): Promise<number | undefined | 'refused'> =>
      new Promise((resolve) => {
        const request = https.request(
          {
            ...{ host: '127.0.0.1', port, path: '/v1/logs', method: 'POST', agent: false, ca: door.cert },
            ...(certificate === undefined ? {} : { cert: certificate.cert, key: certificate.key }),
            headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
          },
          (response) => {
            response.resume();
            resolve(response.statusCode);
          },
        );
        request.on('error', () => resolve('refused'));
        request.end(body);
      });
    expect([await post('of-the-door-Zt4m', stranger), await post('of-the-door-Zt4m', undefined)]).toEqual([
      'refused',
      'refused',
    ]);
    expect([await post('another-one', sender), await post('of-the-door-Zt4m', sender)]).toEqual([401, 200]);
    const stored = () =>
      opened.sql<{ message: string }[]>`SELECT message FROM telemetry_log_events WHERE service = 'sealed'`;
    expect((await eventually(stored, (rows) => rows.length > 0)).map(({ message }) => message)).toEqual([
      'behind a lock',
    ]);
    // Its own metrics take the same way.
    const known = () =>
      opened.sql`SELECT FROM telemetry_metric_series WHERE metric_name = 'otelcol_exporter_sent_log_records'`;
    expect((await eventually(known, (rows) => rows.length > 0)).length).toBeGreaterThan(0);
  });
});
