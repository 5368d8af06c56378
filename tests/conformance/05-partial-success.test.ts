import { reasons } from '@command-center/contract/reasons';
import { encodeJson } from '@command-center/sidecar/decode/testing/encodeJson';
import type { Trees } from '@command-center/sidecar/decode/testing/trees';
import { startGrpcDoor } from '@command-center/sidecar/receive/grpcDoor';
import { startHttpDoor } from '@command-center/sidecar/receive/httpDoor';
import { recordingExporter, recordingOptions } from '@command-center/sidecar/receive/testing/recordingExporter';
import { Client, credentials } from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { takeDatabaseAway } from './database.ts';
import { attributes, idOf, logsOf, metricOf, metricsOf, numberPoint, secondsAgo, spansOf } from './requests.ts';
import { intake, storedLogs, storedMinutes, storedRows, storedSpans } from './rows.ts';
import { accepted, doors, post, send } from './send.ts';
import { openStage, type Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterEach(() => stage.clear());
afterAll(() => stage.close());

const OLD = secondsAgo(31 * 86_400);
const AHEAD = secondsAgo(-700);

/** One good record of each signal, and bad ones of several reasons. */
function mixedMetrics(service: string): Trees['metrics'] {
  const points = [
    numberPoint({ value: 5 }),
    numberPoint({ value: 5, timeUnixNano: OLD }),
    numberPoint({ value: Number.NaN }),
  ];
  const uptime = metricOf('process.uptime', [numberPoint()], { kind: 'histogram', unit: 's' });
  return metricsOf(service, [
    metricOf('kaiku_ws_messages_total', points),
    { ...uptime, kind: 'sum', isMonotonic: true },
  ]);
}
const mixedLogs = (service: string): Trees['logs'] =>
  logsOf(service, [{ timeUnixNano: OLD }, {}, { timeUnixNano: AHEAD }]);
const mixedSpans = (service: string): Trees['traces'] =>
  spansOf(service, [{ traceId: idOf(15) }, {}, { spanId: new Uint8Array(8), startTimeUnixNano: secondsAgo(50) }]);

describe.each(doors)('partial success over %s (OTLP 1.11, "Partial Success")', (door) => {
  const service = `partial-${doors.indexOf(door)}`;
  /** What is wrong and how to mend it, in the words of the table; nothing of what was sent. */
  const expectExplained = (message: string, codes: readonly (keyof typeof reasons)[]): void => {
    for (const code of codes) {
      expect(message).toContain(`1 x ${code}`);
      expect(message).toContain(reasons[code].text);
    }
    expect(message).not.toContain(service);
  };

  it('metrics: the accepted point stands in its table, the others are counted', async () => {
    const { rejected, message, ...rest } = await send(stage, door, 'metrics', mixedMetrics(service));
    expect(rest).toMatchObject({ grpcCode: 0, retryAfterSeconds: undefined });
    expect(rejected).toBe(3);
    expectExplained(message, ['too_old', 'not_finite', 'wrong_kind']);
    expect(await storedMinutes(stage.sql, service)).toMatchObject([{ name: 'kaiku_ws_messages_total', sum: 5 }]);
    expect(await intake(stage.sql, 'metrics')).toMatchObject({
      'received kaiku_ws_messages_total': 3,
      'stored kaiku_ws_messages_total': 1,
      'refused too_old kaiku_ws_messages_total': 1,
      'refused not_finite kaiku_ws_messages_total': 1,
      'refused wrong_kind process.uptime': 1,
    });
  });

  it('logs', async () => {
    const { rejected, message } = await send(stage, door, 'logs', mixedLogs(service));
    expect(rejected).toBe(2);
    expectExplained(message, ['too_old', 'too_new']);
    expect(await storedLogs(stage.sql)).toMatchObject([{ service }]);
    expect(await intake(stage.sql, 'logs')).toEqual({
      ...{ received: 3, stored: 1, 'refused too_old': 1, 'refused too_new': 1 },
    });
  });

  it('spans', async () => {
    const { rejected, message } = await send(stage, door, 'traces', mixedSpans(service));
    expect(rejected).toBe(2);
    expect(message).toContain(reasons.invalid_ids.text);
    expect(await storedSpans(stage.sql)).toMatchObject([{ service, trace_id: Buffer.from(idOf(16)).toString('hex') }]);
    expect(await intake(stage.sql, 'traces')).toEqual({ received: 3, stored: 1, 'refused invalid_ids': 2 });
  });

  it('a request of nothing but rejected records is still answered OK', async () => {
    const tree = logsOf(service, [{ timeUnixNano: OLD }]);
    expect(await send(stage, door, 'logs', tree)).toMatchObject({ grpcCode: 0, rejected: 1 });
    expect(await storedRows(stage.sql)).toBe(0);
  });
});

describe('in JSON', () => {
  it.each([
    ['metrics', 'rejectedDataPoints', '3', mixedMetrics],
    ['logs', 'rejectedLogRecords', '2', mixedLogs],
    ['traces', 'rejectedSpans', '2', mixedSpans],
  ] as const)('the count of %s is %s, a string', async (signal, name, count, treeOf) => {
    const body = encodeJson(signal, treeOf('counts-in-json'));
    const response = await post(stage.http, `/v1/${signal}`, body, { 'content-type': 'application/json' });
    expect(await response.json()).toEqual({ partialSuccess: { [name]: count, errorMessage: expect.any(String) } });
  });
});

describe('what could succeed later is never put there: a sender drops it for good', () => {
  it('while the database is away a request is refused whole, its bad records too, and its retry counts them once', async () => {
    const bringBack = await takeDatabaseAway(stage);
    const refused = await send(stage, 'HTTP/protobuf', 'logs', mixedLogs('later'));
    await bringBack();
    expect(refused).toMatchObject({ httpStatus: 503, rejected: 0 });
    expect(await send(stage, 'HTTP/protobuf', 'logs', mixedLogs('later'))).toMatchObject({ grpcCode: 0, rejected: 2 });
    expect(await storedLogs(stage.sql)).toHaveLength(1);
    expect(await intake(stage.sql, 'logs')).toMatchObject({ received: 3, 'refused too_old': 1, 'refused too_new': 1 });
  });

  it('no reason that waiting cures belongs to single records', () => {
    for (const reason of Object.values(reasons))
      if (reason.effect !== 'refuses') expect(reason.isRetryable).toBe(false);
  });
});

describe('a warning alone', () => {
  const message = 'a warning';
  it('has a count of 0 and a message, over every door', async () => {
    const exporter = recordingExporter();
    exporter.answer = () => ({ outcome: 'stored', rejected: 0, message });
    const { options } = recordingOptions();
    const grpc = await startGrpcDoor(options, exporter);
    const http = await startHttpDoor(options, exporter);
    const client = new Client(`${grpc.host}:${grpc.port}`, credentials.createInsecure());
    const sender = { client, http: `http://${http.host}:${http.port}` };
    for (const door of doors)
      expect(await send(sender, door, 'logs', [])).toMatchObject({ grpcCode: 0, rejected: 0, message });
    client.close();
    await Promise.all([grpc.stop(0), http.stop(0)]);
  });
});

describe('what the product drops by design is no rejection', () => {
  it.each(doors)('logs below WARN or without a severity, over %s', async (door) => {
    const tree = logsOf('below', [{ severityNumber: 9 }, { severityNumber: 1 }, { severityNumber: 0 }]);
    expect(await send(stage, door, 'logs', tree)).toMatchObject(accepted);
    expect(await storedRows(stage.sql)).toBe(0);
    const counted = { received: 3, 'dropped below_warn': 2, 'dropped unknown_severity': 1 };
    expect(await intake(stage.sql, 'logs')).toEqual(counted);
  });

  it.each(doors)('metrics that the contract does not know, over %s', async (door) => {
    const tree = metricsOf('foreign', [metricOf('my.metric', [numberPoint(), numberPoint({ value: Number.NaN })])]);
    expect(await send(stage, door, 'metrics', tree)).toMatchObject(accepted);
    expect(await storedRows(stage.sql)).toBe(0);
    const counted = { 'received my.metric': 2, 'dropped not_in_contract my.metric': 2 };
    expect(await intake(stage.sql, 'metrics')).toEqual(counted);
  });

  it.each(doors)('foreign labels: the point stays, over %s', async (door) => {
    const labels = attributes({ 'my.label': 'x', 'ws.event_type': 'typing' });
    const service = `labels-${doors.indexOf(door)}`;
    const tree = metricsOf(service, [metricOf('kaiku_ws_messages_total', [numberPoint({ attributes: labels })])]);
    expect(await send(stage, door, 'metrics', tree)).toMatchObject(accepted);
    const kept = { 'service.name': service, 'deployment.environment.name': 'test', 'ws.event_type': 'typing' };
    expect(await storedMinutes(stage.sql, service)).toMatchObject([{ sum: 1, labels: kept }]);
    expect(await intake(stage.sql, 'metrics')).toMatchObject({ 'dropped label_dropped my.label': 1 });
  });

  it.each(doors)('fast client spans, and attributes of any span, over %s', async (door) => {
    const tree = spansOf('spans', [{ kind: 3 }, { spanId: idOf(8, 50), attributes: attributes({ 'user.id': '42' }) }]);
    expect(await send(stage, door, 'traces', tree)).toMatchObject(accepted);
    expect(await storedSpans(stage.sql)).toHaveLength(1);
    expect(await intake(stage.sql, 'traces')).toMatchObject({ received: 2, stored: 1, 'dropped span_not_kept': 1 });
  });

  it('points that add nothing: a repeated one, a marker without value, the baseline of an old counter', async () => {
    const old = numberPoint({ startTimeUnixNano: secondsAgo(7_200), value: 100 });
    const marker = numberPoint({ flags: 1, value: undefined, timeUnixNano: secondsAgo(30) });
    const tree = metricsOf('nothing-added', [metricOf('kaiku_ws_messages_total', [old, old, marker])]);
    for (const _attempt of ['first', 'second'])
      expect(await send(stage, 'gRPC', 'metrics', tree)).toMatchObject(accepted);
    expect((await storedMinutes(stage.sql)).map(({ sum }) => sum)).toEqual([0]);
  });
});
