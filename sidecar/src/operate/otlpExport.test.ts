import http from 'node:http';
import { readSettings } from '@command-center/contract/settings/settings';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodeProtobuf } from '../decode/protobuf.ts';
import type { Point } from '../decode/records.ts';
import { createMeters, type Meters } from './meters.ts';
import { startOtlpExport } from './otlpExport.ts';

/** An export takes milliseconds; a machine with other work may take its time. */
const WAIT_MS = 10_000;

interface Received {
  readonly path: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly points: readonly Point[];
}

describe('the sidecar\'s own metrics as OTLP (OpenTelemetry, "OTLP Exporter Configuration")', () => {
  let server: http.Server;
  let received: Received[];
  let status: number;
  let base: string;
  let meters: Meters;
  const logged: string[] = [];
  beforeEach(async () => {
    received = [];
    status = 200;
    logged.length = 0;
    meters = createMeters();
    server = http.createServer(async (request, response) => {
      const body = Buffer.concat(await request.toArray());
      const { signal, records } = decodeProtobuf('metrics', body);
      received.push({
        path: request.url ?? '',
        headers: request.headers,
        points: signal === 'metrics' ? [...records] : [],
      });
      response.writeHead(status).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const bound = server.address();
    if (bound === null || typeof bound === 'string') throw new Error('no port');
    base = `http://127.0.0.1:${bound.port}`;
  });
  afterEach(() => new Promise((resolve) => server.close(() => resolve(undefined))));

  const start = (env: Record<string, string>) =>
    startOtlpExport({
      settings: readSettings({ OTEL_METRIC_EXPORT_INTERVAL: '100', ...env }),
      meters,
      log: (event, fields) => logged.push(`${event} ${JSON.stringify(fields)}`),
    });
  const pointOf = (name: string): Point | undefined =>
    received.at(-1)?.points.find(({ metric }) => metric.name === name);

  it('sends counters, gauges and histograms with service, unit and labels, cumulative', async () => {
    meters.add('dropped', 3, 'logs', 'below_warn');
    meters.observe('residentMemory', () => 42);
    for (const value of [0.002, 0.3]) meters.record('commitTime', value);
    const exporting = start({ OTEL_EXPORTER_OTLP_ENDPOINT: base, OTEL_SERVICE_NAME: 'chat-sidecar' });
    await expect.poll(() => received.length, { timeout: WAIT_MS }).toBeGreaterThan(1);
    await exporting.stop();
    expect(received[0]).toMatchObject({
      path: '/v1/metrics',
      headers: { 'content-type': 'application/x-protobuf' },
    });
    const dropped = pointOf('command_center.sidecar.records.dropped');
    expect(dropped).toMatchObject({ type: 'number', value: 3 });
    expect(dropped?.metric).toMatchObject({ unit: '{record}', temporality: 'cumulative', isMonotonic: true });
    expect(dropped?.attributes).toEqual([
      { key: 'signal', value: 'logs' },
      { key: 'reason', value: 'below_warn' },
    ]);
    expect(dropped?.metric.resource.attributes).toContainEqual({ key: 'service.name', value: 'chat-sidecar' });
    expect(pointOf('command_center.sidecar.memory.resident')).toMatchObject({ type: 'number', value: 42 });
    const commit = pointOf('command_center.sidecar.batch.commit.duration');
    expect(commit).toMatchObject({ type: 'histogram', count: 2, sum: 0.302 });
  });

  it('takes the path and the headers of the variables for metrics alone as they are', async () => {
    const exporting = start({
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${base}/own/path`,
      OTEL_EXPORTER_OTLP_HEADERS: 'x-one=1',
      OTEL_EXPORTER_OTLP_METRICS_HEADERS: 'authorization=Bearer%20secret,x-two=2',
    });
    await expect.poll(() => received.length, { timeout: WAIT_MS }).toBeGreaterThan(0);
    await exporting.stop();
    expect(received[0]).toMatchObject({ path: '/own/path', headers: { authorization: 'Bearer secret', 'x-two': '2' } });
    expect(received[0]?.headers['x-one']).toBeUndefined();
  });

  it('says once that it cannot send, goes on, and sends the last state when it stops', async () => {
    status = 503;
    const exporting = start({ OTEL_EXPORTER_OTLP_ENDPOINT: base });
    await expect.poll(() => received.length, { timeout: WAIT_MS }).toBeGreaterThan(2);
    expect(logged).toHaveLength(1);
    expect(logged[0]).toContain('503');
    status = 200;
    meters.add('conflicts', 7);
    await exporting.stop();
    expect(pointOf('command_center.sidecar.batch.conflicts')).toMatchObject({ value: 7 });
  });

  it('sends nothing where no endpoint is set', async () => {
    const exporting = start({});
    await exporting.stop();
    expect(received).toEqual([]);
  });
});
