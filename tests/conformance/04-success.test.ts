import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { exponentialPoint, histogramPoint, logsOf, metricOf, metricsOf, numberPoint, spansOf } from './requests.ts';
import { intake, storedLogs, storedMinutes, storedRows, storedSpans } from './rows.ts';
import { accepted, doors, post, send, sendGrpc, sendHttp, signals } from './send.ts';
import { openStage, type Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterEach(() => stage.clear());
afterAll(() => stage.close());

const protobufType = 'application/x-protobuf';
const jsonType = 'application/json';

describe.each(doors)('full success over %s (OTLP 1.11, "Full Success")', (door) => {
  const service = `full-success-${doors.indexOf(door)}`;

  it('is OK with partial_success unset, and every record stands in the tables', async () => {
    const metrics = [
      metricOf('kaiku_ws_messages_total', [numberPoint({ value: 3 })]),
      metricOf('http.server.request.duration', [histogramPoint()], { kind: 'histogram', unit: 's' }),
      metricOf('db.client.operation.duration', [exponentialPoint()], { kind: 'exponentialHistogram', unit: 's' }),
    ];
    expect(await send(stage, door, 'metrics', metricsOf(service, metrics))).toMatchObject(accepted);
    expect(await send(stage, door, 'logs', logsOf(service, [{}]))).toMatchObject(accepted);
    expect(await send(stage, door, 'traces', spansOf(service, [{}]))).toMatchObject(accepted);

    const minutes = await storedMinutes(stage.sql, service);
    expect(minutes.map(({ name, sum }) => [name, sum])).toEqual([
      ['db.client.operation.duration', 3],
      ['http.server.request.duration', 3],
      // The contract derives requests from their durations.
      ['kaiku_http_requests_total', 2],
      ['kaiku_ws_messages_total', 3],
    ]);
    expect(await storedLogs(stage.sql)).toMatchObject([{ service, level: 'ERROR', message: 'failed' }]);
    expect(await storedSpans(stage.sql)).toMatchObject([{ service, span_name: 'GET /x' }]);
    expect(await intake(stage.sql, 'logs')).toEqual({ received: 1, stored: 1 });
    expect(await intake(stage.sql, 'traces')).toEqual({ received: 1, stored: 1 });
  });

  it.each(signals)('an empty envelope of %s is a success', async (signal) => {
    const noItem = { attributes: [], scopes: [{ name: '', version: '', attributes: [], items: [] }] };
    for (const tree of [[], [{ attributes: [], scopes: [] }], [noItem], [noItem, noItem]]) {
      expect(await send(stage, door, signal, tree)).toMatchObject(accepted);
    }
    expect(await storedRows(stage.sql)).toBe(0);
  });

  it('a metric without points, and one without data, are successes', async () => {
    const empty = metricsOf(service, [metricOf('kaiku_ws_messages_total', []), metricOf('', [])]);
    expect(await send(stage, door, 'metrics', empty)).toMatchObject(accepted);
    expect(await storedRows(stage.sql)).toBe(0);
  });
});

describe('vector empty-protobuf', () => {
  it.each(signals)('zero bytes of %s are answered by zero bytes', async (signal) => {
    const response = await post(stage.http, `/v1/${signal}`, '', { 'content-type': protobufType });
    expect([response.status, response.headers.get('content-type')]).toEqual([200, protobufType]);
    expect((await response.arrayBuffer()).byteLength).toBe(0);
    expect(await sendGrpc(stage, signal, Buffer.alloc(0))).toMatchObject(accepted);
    expect(await storedRows(stage.sql)).toBe(0);
  });
});

describe('vector empty-json', () => {
  it.each(signals)('{} of %s is answered by {}', async (signal) => {
    const response = await post(stage.http, `/v1/${signal}`, '{}', { 'content-type': jsonType });
    expect([response.status, response.headers.get('content-type')]).toEqual([200, jsonType]);
    expect(await response.text()).toBe('{}');
    expect(await storedRows(stage.sql)).toBe(0);
  });

  it.each(signals)('zero bytes of JSON %s are an empty request as well', async (signal) => {
    expect(await sendHttp(stage, signal, '', jsonType)).toMatchObject(accepted);
  });
});
