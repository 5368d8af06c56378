import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { attributes, hexOf, idOf, secondsAgo, spansOf } from './requests.ts';
import { intake, storedRows, storedSpans } from './rows.ts';
import { accepted, doors, send } from './send.ts';
import { openStage, type Stage } from './stage.ts';

/** SpanKind (trace.proto). */
const [UNSPECIFIED, INTERNAL, SERVER, CLIENT, PRODUCER, CONSUMER] = [0, 1, 2, 3, 4, 5] as const;
const OK = 1;
const ERROR = 2;
const MS = 1_000_000n;

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({
    COMMAND_CENTER_API_LATENCY_P95_WARN_MS: '200',
    COMMAND_CENTER_DB_QUERY_P95_WARN_MS: '100',
  });
});
afterEach(() => stage.clear());
afterAll(() => stage.close());

type SpanOverrides = Parameters<typeof spansOf>[1][number];
const startTimeUnixNano = secondsAgo(60);
const lasting = (durationMs: bigint): SpanOverrides => ({
  startTimeUnixNano,
  endTimeUnixNano: startTimeUnixNano + durationMs * MS,
});
const database = { attributes: attributes({ 'db.system.name': 'postgresql', 'db.operation.name': 'SELECT' }) };

describe.each(doors)('kept over %s', (door) => {
  const isKept = async (span: SpanOverrides): Promise<boolean> => {
    expect(await send(stage, door, 'traces', spansOf('spans-kept', [span]))).toMatchObject(accepted);
    const { received, stored = 0, 'dropped span_not_kept': dropped = 0 } = await intake(stage.sql, 'traces');
    // Either stored or counted.
    expect([received, stored + dropped]).toEqual([1, 1]);
    expect(await storedSpans(stage.sql)).toHaveLength(stored);
    return stored === 1;
  };

  it.each([
    ['a root: without a parent', { kind: INTERNAL, parentSpanId: new Uint8Array() }],
    ['a root: with a parent of zeros', { kind: INTERNAL, parentSpanId: new Uint8Array(8) }],
    ['SERVER', { kind: SERVER }],
    ['CONSUMER', { kind: CONSUMER }],
    ['an error by its status', { kind: CLIENT, statusCode: ERROR }],
    ['an error by HTTP', { kind: CLIENT, attributes: attributes({ 'http.response.status_code': 500n }) }],
    ['slow: at the threshold', { kind: CLIENT, ...lasting(200n) }],
    ['slow: over it', { kind: INTERNAL, ...lasting(60_000n) }],
    ['a slow query: at the threshold of queries', { kind: CLIENT, ...lasting(100n), ...database }],
  ])('%s', async (_what, span) => {
    expect(await isKept(span)).toBe(true);
  });

  it.each([
    ['INTERNAL', { kind: INTERNAL }],
    ['CLIENT', { kind: CLIENT }],
    ['PRODUCER', { kind: PRODUCER }],
    ['without a kind', { kind: UNSPECIFIED }],
    ['of a kind to come', { kind: 99 }],
    ['with status OK', { kind: CLIENT, statusCode: OK }],
    [
      'that failed by the fault of its caller',
      { kind: CLIENT, attributes: attributes({ 'http.response.status_code': 404n }) },
    ],
    ['just below the threshold', { kind: CLIENT, ...lasting(199n) }],
    ['a query just below its own', { kind: CLIENT, ...lasting(99n), ...database }],
    ['that ended before it began', { kind: CLIENT, ...lasting(-5_000n) }],
  ])('not one %s: counted alone', async (_what, span) => {
    expect(await isKept(span)).toBe(false);
  });
});

describe.each(doors)('identity over %s', (door) => {
  const sendSpans = async (...spans: SpanOverrides[]): Promise<void> =>
    expect(await send(stage, door, 'traces', spansOf('span-identity', spans))).toMatchObject(accepted);

  it('a span is one row, and once however often it is sent', async () => {
    const span = { ...lasting(5n), name: 'GET /once' };
    await sendSpans(span);
    await sendSpans(span);
    await sendSpans(span, span);
    expect(await storedSpans(stage.sql)).toMatchObject([
      { trace_id: hexOf(idOf(16)), span_id: hexOf(idOf(8)), span_name: 'GET /once', duration_ms: 5 },
    ]);
    expect(await intake(stage.sql, 'traces')).toEqual({ received: 4, stored: 1, 'noted duplicate': 3 });
  });

  it('the same ids and start with other words are the same span: the first is kept', async () => {
    await sendSpans({ ...lasting(5n), name: 'first' });
    await sendSpans({ ...lasting(7n), name: 'second', statusCode: ERROR });
    expect(await storedSpans(stage.sql)).toMatchObject([{ span_name: 'first', duration_ms: 5, is_error: false }]);
  });

  it('another span id, another trace id or another start is another span', async () => {
    const span = lasting(5n);
    await sendSpans(span, { ...span, spanId: idOf(8, 2) }, { ...span, traceId: idOf(16, 2) });
    await sendSpans({ startTimeUnixNano: startTimeUnixNano + 1_000n * MS });
    expect(await storedSpans(stage.sql)).toHaveLength(4);
  });
});

describe.each(doors)('a span without valid ids over %s', (door) => {
  it.each([
    ['no trace id', { traceId: new Uint8Array() }],
    ['a trace id of zeros', { traceId: new Uint8Array(16) }],
    ['a trace id of 15 bytes', { traceId: idOf(15) }],
    ['a trace id of 17 bytes', { traceId: idOf(17) }],
    ['no span id', { spanId: new Uint8Array() }],
    ['a span id of zeros', { spanId: new Uint8Array(8) }],
    ['a span id of 7 bytes', { spanId: idOf(7) }],
    ['a span id of 16 bytes', { spanId: idOf(16) }],
  ])('%s: rejected, the one beside it stored', async (_what, span) => {
    const answer = await send(stage, door, 'traces', spansOf('invalid-ids', [span, {}]));
    expect(answer).toMatchObject({ grpcCode: 0, rejected: 1 });
    expect(answer.message).toContain('invalid_ids');
    expect(await storedRows(stage.sql)).toBe(1);
    expect(await intake(stage.sql, 'traces')).toEqual({ received: 2, stored: 1, 'refused invalid_ids': 1 });
  });
});

describe('what Postgres cannot store as it is', () => {
  it.each(doors)('U+0000 costs its letter, not the span, over %s', async (door) => {
    const span = {
      name: 'GET\u0000 /x',
      attributes: attributes({ 'http.route': '/a\u0000/{b}', 'rpc.response.status_code': 'O\u0000K' }),
    };
    expect(await send(stage, door, 'traces', spansOf('zero\u0000', [span]))).toMatchObject(accepted);
    expect(await storedSpans(stage.sql)).toHaveLength(1);
  });
});
