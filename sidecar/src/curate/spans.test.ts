import { describe, expect, it } from 'vitest';
import type { Span } from '../decode/records.ts';
import type { CuratedSpan, Curation } from './curated.ts';
import { type Attributes, attributes, curator, kept, span, spanId, timeUnixNano, traceId } from './testing/records.ts';

const INTERNAL = 1;
const CLIENT = 3;
const CONSUMER = 5;

const curate = (overrides: Partial<Span>, values: Attributes = {}): Curation<CuratedSpan> =>
  curator().span(span({ attributes: attributes(values), ...overrides }));
const curated = (overrides: Partial<Span>, values: Attributes = {}): CuratedSpan =>
  kept<CuratedSpan>(curate(overrides, values));
const lasting = (ms: number): Partial<Span> => ({ endTimeUnixNano: timeUnixNano + BigInt(Math.round(ms * 1e6)) });

describe('which spans are kept (otlp-conformance item 27)', () => {
  it.each<[string, Partial<Span>, Attributes, boolean]>([
    ['a root', { kind: INTERNAL, parentSpanId: new Uint8Array() }, {}, true],
    ['a root with a zero parent', { kind: INTERNAL, parentSpanId: new Uint8Array(8) }, {}, true],
    ['a server', {}, {}, true],
    ['a consumer', { kind: CONSUMER }, {}, true],
    ['an error', { kind: CLIENT, statusCode: 2 }, {}, true],
    ['HTTP 500', { kind: CLIENT }, { 'http.status_code': 500n }, true],
    ['HTTP 404', { kind: CLIENT }, { 'http.status_code': 404n }, false],
    ['a quick internal one', { kind: INTERNAL }, {}, false],
    ['one at the API threshold', { kind: CLIENT, ...lasting(200) }, {}, true],
    ['one below it', { kind: CLIENT, ...lasting(199.9) }, {}, false],
    ['a query at the database threshold', { kind: CLIENT, ...lasting(100) }, { 'db.system': 'postgresql' }, true],
    ['a query below it', { kind: CLIENT, ...lasting(99) }, { 'db.system.name': 'postgresql' }, false],
  ])('%s', (_name, overrides, values, isKept) => {
    const curation = curate(overrides, values);
    expect(curation.outcome).toBe(isKept ? 'kept' : 'dropped');
    if (curation.outcome !== 'kept') expect(curation.reason).toBe('span_not_kept');
  });

  it('thresholds come from the settings', () => {
    const strict = curator({ COMMAND_CENTER_API_LATENCY_P95_WARN_MS: '5' });
    expect(strict.span(span({ kind: CLIENT })).outcome).toBe('kept');
  });

  it.each<[string, Partial<Span>, string]>([
    ['a short trace id', { traceId: traceId.slice(1) }, 'invalid_ids'],
    ['a zero trace id', { traceId: new Uint8Array(16) }, 'invalid_ids'],
    ['no span id', { spanId: new Uint8Array() }, 'invalid_ids'],
    ['no start', { startTimeUnixNano: 0n }, 'no_time'],
    ['a start 31 days ago', { startTimeUnixNano: timeUnixNano - 31n * 86_400_000_000_000n }, 'too_old'],
  ])('%s is rejected', (_name, overrides, reason) => {
    expect(curate(overrides)).toMatchObject({ outcome: 'rejected', reason, service: 'api' });
  });
});

describe('what is stored of a span (otlp-conformance items 28, 29)', () => {
  it('ids, start, duration to below a millisecond, service', () => {
    expect(curated(lasting(0.25))).toEqual({
      traceId: '0102030405060708090a0b0c0d0e0f10',
      spanId: '0102030405060708',
      tsMs: Number(timeUnixNano / 1_000_000n),
      spanName: 'GET /x',
      domain: 'other',
      route: null,
      statusCode: null,
      isError: false,
      durationMs: 0.25,
      service: 'api',
      isSampled: true,
    });
  });

  it('an end before the start is 0 and noted', () => {
    const curation = curate(lasting(-1));
    expect(kept<CuratedSpan>(curation).durationMs).toBe(0);
    expect(curation.receipts).toEqual([{ outcome: 'noted', reason: 'ends_before_start', name: '' }]);
  });

  it.each<[string, Partial<Span>, Attributes, string | null, boolean]>([
    ['HTTP', { statusCode: 1 }, { 'http.response.status_code': 503n }, '503', true],
    ['older HTTP', {}, { 'http.status_code': 404n }, '404', false],
    ['no HTTP code at all', {}, { 'http.status_code': 'no' }, null, false],
    ['gRPC', {}, { 'rpc.grpc.status_code': 5n }, '5', false],
    ['RPC', { statusCode: 2 }, { 'rpc.response.status_code': 'UNAVAILABLE' }, 'UNAVAILABLE', true],
    ['the span’s own error', { statusCode: 2 }, {}, 'ERROR', true],
    ['the span’s own ok', { statusCode: 1 }, {}, 'OK', false],
  ])('status by %s', (_name, overrides, values, statusCode, isError) => {
    expect(curated(overrides, values)).toMatchObject({ statusCode, isError });
  });

  it('a database span is <operation> <collection>, never the sender’s name', () => {
    const name = "SELECT * FROM users WHERE email = 'bob@example.com'";
    const named = (values: Attributes): string => curated({ name }, { 'db.system': 'postgresql', ...values }).spanName;
    expect(named({ 'db.operation': 'SELECT', 'db.sql.table': 'users' })).toBe('SELECT users');
    expect(named({ 'db.operation.name': 'findAndModify' })).toBe('findAndModify');
    expect(named({ 'db.operation.name': name })).toBe('_OTHER');
    expect(named({})).toBe('postgresql');
    expect(curated({ name }, { 'db.system': 'postgresql' }).domain).toBe('db');
  });

  it('its route is http.route, else the templated path, which leaves the name too', () => {
    const { span: curateSpan } = curator();
    const of = (values: Attributes, name = 'GET'): CuratedSpan =>
      kept<CuratedSpan>(curateSpan(span({ name, attributes: attributes(values) })));
    expect(of({ 'http.route': '/chat/{id}' })).toMatchObject({ route: '/chat/{id}', domain: 'chat' });
    expect(of({ 'url.path': '/chat/bob' }, 'GET /chat/bob')).toMatchObject({
      route: '/chat/{}',
      spanName: 'GET /chat/{}',
    });
    expect(of({ 'http.target': '/x?token=1' })).toMatchObject({ route: '_OTHER' });
  });

  it('forbidden attributes leave a receipt, none is stored', () => {
    const curation = curate({}, { 'user.id': 'bob', 'url.scheme': 'https' });
    expect(curation.receipts).toEqual([{ outcome: 'dropped', reason: 'forbidden_key', name: 'user.id' }]);
    expect(JSON.stringify(kept<CuratedSpan>(curation))).not.toContain('bob');
  });

  it('is not sampled where flags are set and say so', () => {
    expect([0, 1, 0x100, 0x101].map((flags) => curated({ flags, spanId }).isSampled)).toEqual([
      true,
      true,
      false,
      true,
    ]);
  });
});
