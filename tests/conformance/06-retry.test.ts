import { once } from 'node:events';
import { connect } from 'node:net';
import { grpcStatus, type ReasonCode, reasons } from '@command-center/contract/reasons';
import { encodeProtobuf } from '@command-center/sidecar/decode/testing/encodeProtobuf';
import { startGrpcDoor } from '@command-center/sidecar/receive/grpcDoor';
import { startHttpDoor } from '@command-center/sidecar/receive/httpDoor';
import { call, paths } from '@command-center/sidecar/receive/testing/grpcClient';
import { protobufType } from '@command-center/sidecar/receive/testing/httpSender';
import { recordingExporter, recordingOptions } from '@command-center/sidecar/receive/testing/recordingExporter';
import { Client, credentials, Metadata, status } from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { holdCommits, takeDatabaseAway } from './database.ts';
import { logsOf, metricOf, metricsOf, numberPoint } from './requests.ts';
import { intake, storedLogs, storedMinutes, storedRows } from './rows.ts';
import { type Answer, accepted, type DoorName, doors, send, sendGrpc, sendHttp } from './send.ts';
import { openStage, type Stage } from './stage.ts';

const MAX_BODY_BYTES = 256 * 1_024;

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({
    COMMAND_CENTER_OTLP_MAX_BODY_BYTES: String(MAX_BODY_BYTES),
    COMMAND_CENTER_MEMORY_LIMIT_BYTES: String(2 * MAX_BODY_BYTES),
  });
});
afterEach(() => stage.clear());
afterAll(() => stage.close());

/** The sender keeps the data and tries again, and not so late that its patience ends: the collector's is 300 s, the JS SDK's 10 s. */
function expectTriedAgain(answer: Answer): void {
  expect(answer.grpcCode).toBe(status.UNAVAILABLE);
  expect([503, undefined]).toContain(answer.httpStatus);
  expect(answer.rejected).toBe(0);
  expect(Number.isInteger(answer.retryAfterSeconds)).toBe(true);
  expect(answer.retryAfterSeconds).toBeGreaterThanOrEqual(1);
  expect(answer.retryAfterSeconds).toBeLessThanOrEqual(10);
}

describe('the answer table (OTLP 1.11, "Failures", "Retryable Response Codes")', () => {
  const retryableGrpc = [1, 4, 10, 11, 14, 15];
  const retryableHttp = [429, 502, 503, 504];
  const refusing = Object.entries(reasons).filter(([, { effect }]) => effect === 'refuses');

  it.each(refusing)('%s is retryable by its codes exactly if waiting cures it', (_code, reason) => {
    // RESOURCE_EXHAUSTED is retryable where it carries RetryInfo, which goes with every hint and with nothing else.
    const isRetryable = retryableGrpc.includes(reason.grpcCode) || reason.grpcCode === grpcStatus.resourceExhausted;
    if (reason.isRetryable) expect(isRetryable).toBe(true);
    else expect(retryableGrpc).not.toContain(reason.grpcCode);
    expect(retryableHttp.includes(reason.httpStatus)).toBe(reason.isRetryable);
  });

  it('the door itself says UNAVAILABLE and 503 for all that waiting cures', () => {
    for (const code of ['database_unavailable', 'overloaded', 'stopping', 'starting'] as const)
      expect(reasons[code]).toMatchObject({ isRetryable: true, grpcCode: 14, httpStatus: 503 });
  });
});

describe.each(doors)('over %s', (door) => {
  const service = `retry-${doors.indexOf(door)}`;
  // A retry carries the same records: their time does not move.
  const tree = logsOf(service, [{}]);
  const sendLog = (): Promise<Answer> => send(stage, door, 'logs', tree);

  it('with the database away nothing is acknowledged, and the retry is stored once', async () => {
    await sendLog();
    await stage.clear();
    const bringBack = await takeDatabaseAway(stage);
    const answers = [await sendLog(), await sendLog()];
    await bringBack();
    for (const answer of answers) {
      expectTriedAgain(answer);
      expect(answer.message).toContain(reasons.database_unavailable.text.slice(0, 20));
    }
    expect(await sendLog()).toMatchObject(accepted);
    expect(await storedLogs(stage.sql)).toMatchObject([{ service }]);
  });

  it('over its memory bound it takes no more, and everything once there is room', async () => {
    const trees = ['first', 'second', 'third'].map((name) =>
      logsOf(`${service}-${name}`, [{ body: 'x'.repeat(200_000) }]),
    );
    const hold = await holdCommits(stage);
    const answers = trees.map((each) => send(stage, door, 'logs', each));
    // Two have room and wait for their commit.
    const refused = await Promise.race(answers);
    await hold.untilReached();
    await hold.release();
    expectTriedAgain(refused);
    expect(refused.message).toContain('COMMAND_CENTER_MEMORY_LIMIT_BYTES');
    const accepts = (await Promise.all(answers)).filter(({ grpcCode }) => grpcCode === 0);
    expect(accepts.length).toBeGreaterThan(0);
    for (const each of trees) expect(await send(stage, door, 'logs', each)).toMatchObject(accepted);
    expect(await storedLogs(stage.sql)).toHaveLength(3);
  });

  it('an attempt that its sender gave up while its commit still runs, and the retry beside it, are stored once', async () => {
    const hold = await holdCommits(stage);
    // The collector's attempts over gRPC end after 5 s.
    const counter = metricsOf(service, [metricOf('kaiku_ws_messages_total', [numberPoint({ value: 9 })])]);
    const firstTry = [sendLog(), send(stage, door, 'metrics', counter)];
    await hold.untilReached();
    const secondTry = [sendLog(), send(stage, door, 'metrics', counter)];
    await hold.release();
    for (const answer of await Promise.all([...firstTry, ...secondTry])) expect(answer).toMatchObject(accepted);
    expect(await storedLogs(stage.sql)).toHaveLength(1);
    expect(await storedMinutes(stage.sql, service)).toMatchObject([{ sum: 9 }]);
    expect(await intake(stage.sql, 'logs')).toMatchObject({ received: 2, stored: 1, 'noted duplicate': 1 });
  });

  it('undecodable data is INVALID_ARGUMENT or 400, without a hint', async () => {
    const answer =
      door === 'gRPC'
        ? await sendGrpc(stage, 'logs', Buffer.from('x'))
        : await sendHttp(stage, 'logs', 'x', door === 'HTTP/JSON' ? 'application/json' : protobufType);
    expect(answer).toMatchObject({ grpcCode: status.INVALID_ARGUMENT, retryAfterSeconds: undefined });
    expect([400, undefined]).toContain(answer.httpStatus);
  });

  it('data that Postgres refuses alone and twice is INTERNAL or 500; what was sent beside it is stored', async () => {
    await stage.sql`ALTER TABLE telemetry_log_events ADD CONSTRAINT no_poison CHECK (message <> 'poison')`;
    const poison = send(stage, door, 'logs', logsOf(service, [{ body: 'poison' }]));
    const [refused, ...others] = await Promise.all([poison, ...doors.map((other) => sendFrom(other, service))]);
    await stage.sql`ALTER TABLE telemetry_log_events DROP CONSTRAINT no_poison`;
    expect(refused).toMatchObject({ grpcCode: status.INTERNAL, retryAfterSeconds: undefined });
    expect([500, undefined]).toContain(refused.httpStatus);
    for (const answer of others) expect(answer).toMatchObject(accepted);
    expect(await storedLogs(stage.sql)).toHaveLength(doors.length);
  });
});

const sendFrom = (door: DoorName, service: string): Promise<Answer> =>
  send(stage, door, 'logs', logsOf(`${service} beside ${door}`, [{}]));

describe('INTERNAL drops data for ever: only for what can never pass', () => {
  const tree = logsOf('sql-state', [{}]);
  const sendLog = (): Promise<Answer> => send(stage, 'gRPC', 'logs', tree);
  const failWith = async (sqlState: string): Promise<void> => {
    await stage.sql.unsafe(`
      CREATE OR REPLACE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '${sqlState}'; END $$;
      CREATE TRIGGER fail BEFORE INSERT ON telemetry_log_events FOR EACH ROW EXECUTE FUNCTION fail()`);
  };

  it.each([
    ['53100', 'the disk is full'],
    ['53200', 'out of memory'],
    ['40001', 'serialisation fails'],
    ['40P01', 'a deadlock'],
    ['55P03', 'a lock is not to be had'],
    ['57014', 'the statement took too long'],
    ['57P01', 'the server shuts down'],
    ['25006', 'a standby took over: read only'],
    ['42501', 'a right is missing'],
    ['42P01', 'a table is missing'],
    ['58030', 'an input or output error'],
    ['XX000', 'an error of Postgres itself'],
  ])('%s, %s: the sender tries again', async (sqlState) => {
    await failWith(sqlState);
    const answer = await sendLog();
    await stage.sql`DROP TRIGGER fail ON telemetry_log_events`;
    expectTriedAgain(answer);
    expect(await storedRows(stage.sql)).toBe(0);
    expect(await sendLog()).toMatchObject(accepted);
    expect(await storedRows(stage.sql)).toBe(1);
  });

  it.each(['22021', '23514', '54000'])('%s, its data: INTERNAL', async (sqlState) => {
    await failWith(sqlState);
    const answer = await sendLog();
    await stage.sql`DROP TRIGGER fail ON telemetry_log_events`;
    expect(answer).toMatchObject({ grpcCode: status.INTERNAL, retryAfterSeconds: undefined });
  });
});

describe('while it stops', () => {
  it('what comes late is tried again elsewhere, and what was taken is stored', async () => {
    const stopping = await openStage();
    const { hostname, port } = new URL(stopping.http);
    const early = connect({ host: hostname, port: Number(port) });
    await once(early, 'connect');
    const hold = await holdCommits(stopping);
    const taken = doors.map((door) => send(stopping, door, 'logs', logsOf(`taken ${door}`, [{}])));
    await hold.untilReached();
    const stopped = stopping.stop();
    // A connection from before the stop, the first request after it.
    const body = encodeProtobuf('logs', logsOf('late', [{}]));
    early.write(
      `POST /v1/logs HTTP/1.1\r\nhost: x\r\ncontent-type: ${protobufType}\r\ncontent-length: ${body.length}\r\n\r\n`,
    );
    early.write(body);
    const chunks: Buffer[] = [];
    early.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', () => undefined);
    await once(early, 'close');
    await hold.release();
    // Answered so, or cut: senders try both again.
    const text = Buffer.concat(chunks).toString('latin1');
    if (text !== '') expect(text).toMatch(/^HTTP\/1\.1 503 [\s\S]*\r\nretry-after: \d+\r\n/i);
    for (const answer of await Promise.all(taken)) expect(answer).toMatchObject(accepted);
    await stopped;
    await expect(send(stopping, 'HTTP/JSON', 'logs', logsOf('too-late', [{}]))).rejects.toThrow();
    const services = (await storedLogs(stopping.sql)).map(({ service }) => service);
    expect(services.sort()).toEqual(doors.map((door) => `taken ${door}`).sort());
    await stopping.close();
  });
});

describe('hints', () => {
  /** What each door answers where the exporter behind it refuses so. */
  async function refusedWith(reason: ReasonCode, retryAfterSeconds: number): Promise<Answer[]> {
    const exporter = recordingExporter();
    exporter.answer = () => ({ outcome: 'refused', reason, message: 'no', retryAfterSeconds });
    const { options } = recordingOptions();
    const grpc = await startGrpcDoor(options, exporter);
    const http = await startHttpDoor(options, exporter);
    const client = new Client(`${grpc.host}:${grpc.port}`, credentials.createInsecure());
    const sender = { client, http: `http://${http.host}:${http.port}` };
    const answers = await Promise.all(doors.map((door) => send(sender, door, 'logs', [])));
    client.close();
    await Promise.all([grpc.stop(0), http.stop(0)]);
    return answers;
  }

  describe('vector grpc-unavailable-retryinfo', () => {
    it('code 14 carries RetryInfo of 1 s in grpc-status-details-bin, beside the same code and message', async () => {
      const bringBack = await takeDatabaseAway(stage);
      const outcome = await call(stage.client, paths.logs, Buffer.from(encodeProtobuf('logs', logsOf('hint', [{}]))));
      await bringBack();
      const [details] = outcome.metadata?.get('grpc-status-details-bin') ?? [];
      expect(Buffer.isBuffer(details) && details.subarray(0, 2)).toEqual(Buffer.of(0x08, status.UNAVAILABLE));
      expect(String(details)).toContain(outcome.details);
      expect(String(details)).toContain('type.googleapis.com/google.rpc.RetryInfo');
      const [answer] = await refusedWith('database_unavailable', 1);
      expect(answer).toMatchObject({ grpcCode: status.UNAVAILABLE, retryAfterSeconds: 1 });
    });
  });

  describe('vector grpc-exhausted-bare vs with-info', () => {
    it('RESOURCE_EXHAUSTED is bare where the request can never fit, so that the collector drops it', async () => {
      const bytes = Buffer.alloc(MAX_BODY_BYTES + 1);
      const outcome = await call(stage.client, paths.logs, bytes, new Metadata());
      expect(outcome.code).toBe(status.RESOURCE_EXHAUSTED);
      expect(outcome.metadata?.get('grpc-status-details-bin')).toEqual([]);
    });

    it('and would carry RetryInfo where it can', async () => {
      const [grpc, protobuf] = await refusedWith('too_many_requests', 3);
      expect(grpc).toMatchObject({ grpcCode: status.RESOURCE_EXHAUSTED, retryAfterSeconds: 3 });
      expect(protobuf).toMatchObject({ httpStatus: 429, retryAfterSeconds: 3 });
    });
  });

  describe('vector http-503-retry-after', () => {
    it('is whole seconds in digits: the collector reads neither "1.5" nor a sign', async () => {
      for (const [hint, sent] of [
        [2, 2],
        [1.5, 2],
        [0, 1],
        [-1, 1],
        [0.2, 1],
      ] as const) {
        const [, protobuf, json] = await refusedWith('overloaded', hint);
        for (const answer of [protobuf, json])
          expect([hint, answer]).toMatchObject([hint, { httpStatus: 503, retryAfterSeconds: sent }]);
      }
    });
  });

  describe('vector hint-too-long', () => {
    it('no hint reaches past 10 s: one of 600 s would make a collector drop the data at once', async () => {
      for (const answer of await refusedWith('stopping', 600))
        expect(answer).toMatchObject({ grpcCode: 14, retryAfterSeconds: 10 });
    });
  });

  it('what waiting does not cure carries none, whatever the exporter says', async () => {
    for (const code of ['undecodable', 'too_large', 'refused_by_database', 'internal'] as const)
      for (const answer of await refusedWith(code, 5))
        expect([code, answer.retryAfterSeconds]).toEqual([code, undefined]);
  });
});
