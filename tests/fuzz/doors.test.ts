import process from 'node:process';
import { grpcStatus, httpOk, reasons } from '@command-center/contract/reasons';
import { freshDatabase } from '@command-center/drizzle/testing/database';
import { seededRandom } from '@command-center/infra/demo/random';
import postgres, { type Sql } from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { within } from '../processes/child.ts';
import { residentBytes } from '../processes/resident.ts';
import { type SidecarProcess, startSidecar } from '../processes/sidecar.ts';
import { partialSuccessOf, statusCodeOf } from './answers.ts';
import { type Delivery, deliveryOf } from './deliveries.ts';
import { type GrpcConnection, openGrpc } from './grpcConnection.ts';
import { type GrpcDelivery, grpcDeliveryOf } from './grpcDeliveries.ts';
import { type HttpConnection, openConnection } from './httpConnection.ts';
import { inputsOf } from './inputs.ts';
import { firstInput, isFull, replay, seed } from './mode.ts';
import { digestOf, intakeOf } from './tables.ts';
import { inParallel } from './workers.ts';

const ROUNDS = isFull ? 12 : 2;
const INPUTS_A_ROUND = isFull ? 10_000 : 1_000;
const HTTP_CONNECTIONS = 8;
const GRPC_CONNECTIONS = 4;
/** Under way at once: pipelined over the connections of HTTP, as streams over those of gRPC. */
const WIDTH = 160;
/** What the process may hold at most: state of at most 300,000 streams and the engine's own; 465 MB were seen. */
const MAX_RESIDENT_BYTES = 640 * 2 ** 20;

/** Nobody waits for ever: an input without an answer is a failure. */
const ANSWER_DEADLINE_MS = 60_000;

const signalPaths = { metrics: '/v1/metrics', logs: '/v1/logs', traces: '/v1/traces' } as const;

type Sending =
  | { readonly door: 'http'; readonly delivery: Delivery }
  | { readonly door: 'grpc'; readonly delivery: GrpcDelivery };

let database: Awaited<ReturnType<typeof freshDatabase>>;
let sidecar: SidecarProcess;
let sql: Sql;
let http: HttpConnection[];
let grpc: GrpcConnection[];
beforeAll(async () => {
  database = await freshDatabase();
  sidecar = await startSidecar(database.url);
  sql = postgres(database.url, { max: 1, onnotice: () => undefined });
  http = await Promise.all(Array.from({ length: HTTP_CONNECTIONS }, () => openConnection(sidecar.http)));
  grpc = await Promise.all(Array.from({ length: GRPC_CONNECTIONS }, () => openGrpc(sidecar.grpc)));
});
afterAll(async () => {
  for (const connection of [...http, ...grpc]) connection.close();
  await sql.end();
  if (sidecar.isAlive()) await sidecar.stop();
  await database.drop();
});

/** Events of the sidecar's log that say that something of its own failed. */
const failure = /failed|not committed|refused by Postgres/;

/** What was answered, to be compared with what intake counted. */
const told = { stored: 0, refused: 0, records: 0, rejected: 0 };

function sendingOf(number: number, inputOf: ReturnType<typeof inputsOf>): Sending {
  const input = inputOf(number);
  const random = seededRandom(seed ^ (number * 31 + 7));
  if (input.format === 'protobuf' && random.chance(0.5))
    return { door: 'grpc', delivery: grpcDeliveryOf(random, input) };
  return { door: 'http', delivery: deliveryOf(random, input) };
}

async function send(sending: Sending): Promise<void> {
  const { number } = sending.delivery.input;
  try {
    const sent = sending.door === 'http' ? sendHttp(sending.delivery) : sendGrpc(sending.delivery);
    await within(ANSWER_DEADLINE_MS, sent, () => 'no answer');
  } catch (error) {
    process.stdout.write(`${sending.door}: ${replay('doors', number, INPUTS_A_ROUND)}`);
    throw error;
  }
}

async function sendHttp({ input, contentType, contentEncoding, sent, isChunked, expected }: Delivery): Promise<void> {
  const headers = { 'content-type': contentType, 'content-encoding': contentEncoding };
  const connection = http[input.number % HTTP_CONNECTIONS];
  const answer = await connection?.send({ path: signalPaths[input.signal], headers, body: sent, isChunked });
  if (answer === undefined) throw new Error('no connection');
  const isProtobuf = answer.headers.get('content-type') === 'application/x-protobuf';
  const format = isProtobuf ? 'protobuf' : 'json';
  if (expected.outcome === 'refused') {
    const { httpStatus, grpcCode } = reasons[expected.reason];
    expect([answer.status, statusCodeOf(format, answer.body)]).toEqual([httpStatus, grpcCode]);
    told.refused++;
    return;
  }
  expect([answer.status, format]).toEqual([httpOk, input.format]);
  expectAddsUp(expected, partialSuccessOf(format, answer.body));
}

async function sendGrpc({ input, encoding, framed, expected }: GrpcDelivery): Promise<void> {
  const answer = await grpc[input.number % GRPC_CONNECTIONS]?.call(input.signal, framed, encoding);
  if (answer === undefined) throw new Error('no connection');
  if (expected.outcome === 'refused') {
    const said = `${answer.status} "${answer.message}" to ${framed.length} bytes of ${encoding}: ${framed.toString('hex', 0, 9)}`;
    if (!expected.codes.includes(answer.status)) throw new Error(`${said}; expected one of ${expected.codes}`);
    // A hint would have it sent for ever.
    expect(answer.hasDetails).toBe(false);
    told.refused++;
    return;
  }
  if (answer.status !== grpcStatus.ok) throw new Error(`${answer.status} ${answer.message}`);
  expectAddsUp(expected, partialSuccessOf('protobuf', answer.body));
}

/** OTLP 1.11, "Partial Success": what is rejected is part of what was sent, and said with a reason. */
function expectAddsUp(expected: { records: number; spoiled: number }, got: ReturnType<typeof partialSuccessOf>): void {
  expect(got.rejected).toBeGreaterThanOrEqual(expected.spoiled);
  expect(got.rejected).toBeLessThanOrEqual(expected.records);
  expect(got.message !== '').toBe(got.rejected > 0);
  told.stored++;
  told.records += expected.records;
  told.rejected += got.rejected;
}

describe(`${ROUNDS * INPUTS_A_ROUND} mutated requests through the doors of a sidecar, over Postgres`, () => {
  it('each is answered as OTLP says, what is refused leaves no row, and the process holds no more memory', {
    timeout: 7_200_000,
  }, async () => {
    const inputOf = inputsOf(seed + 1, Date.now());
    const resident: number[] = [];
    for (let round = Math.floor(firstInput / INPUTS_A_ROUND); round < ROUNDS; round++) {
      const sendings = Array.from({ length: INPUTS_A_ROUND }, (_, index) =>
        sendingOf(round * INPUTS_A_ROUND + index, inputOf),
      );
      const isRefused = ({ delivery }: Sending): boolean => delivery.expected.outcome === 'refused';
      const before = await digestOf(sql);
      await inParallel(sendings.filter(isRefused), WIDTH, send);
      expect(await digestOf(sql)).toEqual(before);
      await inParallel(
        sendings.filter((sending) => !isRefused(sending)),
        WIDTH,
        send,
      );
      expect(sidecar.isAlive()).toBe(true);
      resident.push(await residentBytes(sidecar.pid));
    }
    const { rows } = await digestOf(sql);
    process.stdout.write(
      `${JSON.stringify({ seed, ...told, rows, residentMib: resident.map((bytes) => Math.round(bytes / 2 ** 20)) })}\n`,
    );
    expect(Math.max(...resident)).toBeLessThan(MAX_RESIDENT_BYTES);
    expect(told.refused).toBeGreaterThan((ROUNDS * INPUTS_A_ROUND) / 10);
    expect(told.stored).toBeGreaterThan((ROUNDS * INPUTS_A_ROUND) / 10);
  });

  it('intake has counted each record once: received is stored, known already, dropped by design, or rejected', async () => {
    const { stderr } = await sidecar.stop();
    expect(stderr.split('\n').filter((line) => failure.test(line))).toEqual([]);
    const intake = await intakeOf(sql);
    const sum = (outcome: string, effects: readonly string[] = [], signal?: string): number =>
      intake
        .filter((row) => row.outcome === outcome && (signal === undefined || row.signal === signal))
        .filter((row) => effects.length === 0 || effects.includes(row.reason))
        .reduce((total, row) => total + row.count, 0);
    const rejecting = Object.entries(reasons).flatMap(([code, { effect }]) => (effect === 'rejects' ? [code] : []));
    expect(sum('received')).toBe(told.records);
    expect(sum('refused', rejecting)).toBe(told.rejected);
    const byDesign = ['below_warn', 'unknown_severity', 'span_not_kept'];
    for (const signal of ['logs', 'traces']) {
      const stored = sum('stored', [], signal);
      const known = sum('noted', ['duplicate'], signal);
      const parts = stored + known + sum('dropped', byDesign, signal) + sum('refused', rejecting, signal);
      expect([signal, parts]).toEqual([signal, sum('received', [], signal)]);
    }
    const [row] = await sql<{ logs: string; traces: string }[]>`
      SELECT (SELECT count(*) FROM telemetry_log_events) AS logs, (SELECT count(*) FROM telemetry_trace_index) AS traces`;
    expect(row).toEqual({ logs: String(sum('stored', [], 'logs')), traces: String(sum('stored', [], 'traces')) });
  });
});
