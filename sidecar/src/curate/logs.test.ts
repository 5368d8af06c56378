import { describe, expect, it } from 'vitest';
import type { AttributeValue, LogRecord } from '../decode/records.ts';
import type { CuratedLog, Curation } from './curated.ts';
import {
  attributes,
  curator,
  kept,
  logRecord,
  nowMs,
  resource,
  scope,
  spanId,
  timeUnixNano,
  traceId,
} from './testing/records.ts';

const curate = (overrides: Partial<LogRecord>, env: Readonly<Record<string, string>> = {}): Curation<CuratedLog> =>
  curator(env).log(logRecord(overrides));
const log = (overrides: Partial<LogRecord>): CuratedLog => kept<CuratedLog>(curate(overrides));
const reasons = (curation: Curation<CuratedLog>): string[] =>
  curation.receipts.map(({ outcome, reason, name }) => `${outcome} ${reason} ${name}`);

describe('severity (otlp-conformance item 23)', () => {
  it.each<readonly [number, string, string]>([
    [13, '', 'WARN'],
    [16, '', 'WARN'],
    [17, '', 'ERROR'],
    [21, '', 'ERROR'],
    [24, '', 'ERROR'],
    [99, '', 'ERROR'],
    [17, 'info', 'ERROR'],
    ...['warn', 'WARNING', 'Warn2'].map((text) => [0, text, 'WARN'] as const),
    ...['error', 'ERR', 'crit', 'Critical', 'emerg', 'alert', 'PANIC', 'fatal', ' ERROR4 '].map(
      (text) => [0, text, 'ERROR'] as const,
    ),
  ])('%d %j is %s', (severityNumber, severityText, level) => {
    expect(log({ severityNumber, severityText }).level).toBe(level);
  });

  it.each([
    [12, '', 'below_warn'],
    [1, 'error', 'below_warn'],
    [0, 'Information', 'below_warn'],
    [0, '', 'unknown_severity'],
    [0, 'loud', 'unknown_severity'],
  ])('%d %j is dropped: %s', (severityNumber, severityText, reason) => {
    expect(curate({ severityNumber, severityText })).toMatchObject({ outcome: 'dropped', reason, service: 'api' });
  });
});

describe('time and event (otlp-conformance item 24)', () => {
  const earlier = timeUnixNano - 5_000_000_000n;

  it('is its own, else when it was observed, else its arrival, which is noted', () => {
    expect(log({ timeUnixNano: earlier }).tsMs).toBe(Number(earlier / 1_000_000n));
    expect(log({ timeUnixNano: 0n, observedTimeUnixNano: earlier }).tsMs).toBe(Number(earlier / 1_000_000n));
    const timeless = curate({ timeUnixNano: 0n, observedTimeUnixNano: 0n });
    expect(kept<CuratedLog>(timeless)).toMatchObject({ tsMs: nowMs, isTimeless: true });
    expect(reasons(timeless)).toEqual(['noted timeless ']);
  });

  it('outside of 30 days and 10 min it is rejected, whatever its severity', () => {
    expect(curate({ timeUnixNano: 1n, severityNumber: 9 })).toMatchObject({ outcome: 'rejected', reason: 'too_old' });
    const ahead = BigInt(nowMs + 600_001) * 1_000_000n;
    expect(curate({ timeUnixNano: ahead })).toMatchObject({ outcome: 'rejected', reason: 'too_new' });
  });

  it('the event is event_name, event.name, event, else the scope', () => {
    const both = attributes({ event: 'c', 'event.name': 'b' });
    expect(log({ eventName: 'a', attributes: both }).event).toBe('a');
    expect(log({ attributes: both }).event).toBe('b');
    expect(log({ attributes: attributes({ event: 'c' }) }).event).toBe('c');
    expect(log({}).event).toBe('test');
  });
});

describe('body (otlp-conformance item 25)', () => {
  it.each<[string, AttributeValue, string]>([
    ['string', 'failed for bob@example.com', 'failed for [REDACTED]'],
    ['int', 5n, '5'],
    ['double', 0.5, '0.5'],
    ['bool', true, 'true'],
    ['bytes', new TextEncoder().encode('hello'), 'aGVsbG8='],
    ['array', ['a', 1n, [true]], '["a",1,[true]]'],
    ['key-value list', { entries: attributes({ msg: 'no', message: 'yes', n: 1n }) }, 'yes'],
    ['list without message', { entries: attributes({ token: 'abc' }) }, ''],
    [
      'forbidden field in an array',
      [{ entries: attributes({ token: 'abc', n: 1n }) }],
      '[{"token":"[REDACTED]","n":1}]',
    ],
    ['nothing', undefined, ''],
    ['U+0000', 'a\u0000b', 'a\uFFFDb'],
  ])('%s', (_name, body, message) => {
    expect(log({ body }).message).toBe(message);
  });

  it('of 100 KB is cut to 2 KB, and so is one of many parts', () => {
    const curation = curate({ body: 'word '.repeat(20_000) });
    expect(kept<CuratedLog>(curation).message.length).toBeLessThanOrEqual(2_048);
    expect(reasons(curation)).toEqual(['noted text_cut message']);
    const many = Array.from({ length: 50_000 }, (_, index) => BigInt(index));
    expect(log({ body: many }).message.length).toBeLessThanOrEqual(2_048);
  });

  it('fields beside the message are judged as attributes, the record’s own first', () => {
    const body = { entries: attributes({ message: 'm', action: 'body', target_type: 'room', password: 'x' }) };
    const curation = curate({ body, attributes: attributes({ action: 'own' }) });
    expect(kept<CuratedLog>(curation).attributes).toEqual({ action: 'own', target_type: 'room' });
    expect(reasons(curation)).toEqual(['dropped forbidden_key password']);
  });

  it('LOG_MESSAGES=none stores no text at all', () => {
    const curation = curate({ body: 'failed' }, { COMMAND_CENTER_LOG_MESSAGES: 'none' });
    expect(kept<CuratedLog>(curation).message).toBe('');
    expect(reasons(curation)).toEqual(['dropped message_withheld message']);
  });
});

describe('exceptions (otlp-conformance item 26)', () => {
  const exception = attributes({
    'exception.type': 'IOError',
    'exception.message': 'no route to 10.0.0.1',
    'exception.stacktrace': 'at x (y.js:1:2)',
  });

  it('keep their type; the message stands in for an empty body, redacted; the stack trace is never stored', () => {
    const curation = curate({ body: '', attributes: exception });
    expect(kept<CuratedLog>(curation)).toMatchObject({
      message: 'no route to [REDACTED]',
      attributes: { 'exception.type': 'IOError' },
    });
    expect(JSON.stringify(curation)).not.toContain('y.js');
    expect(log({ body: 'own', attributes: exception }).message).toBe('own');
  });
});

describe('attributes are an allowlist (contract.md §2)', () => {
  it('of labels and a few more, redacted; actor_id never', () => {
    const curation = curate({
      attributes: attributes({
        ...{
          request_id: 'req-1',
          target: 'voice::join',
          duration_ms: 12.5,
          action: 'ban',
          actor_id: '5',
          state: 'x',
          other: 'y',
        },
        ...{ 'http.method': 'GET', 'http.route': '/a/12345', 'http.status_code': 500n, 'code.function': 'join' },
      }),
    });
    expect(kept<CuratedLog>(curation).attributes).toEqual({
      ...{ request_id: 'req-1', target: 'voice::join', duration_ms: 12.5, action: 'ban', 'code.function.name': 'join' },
      ...{ 'http.request.method': 'GET', 'http.route': '/a/{}', 'http.response.status_code': '500' },
    });
    expect(reasons(curation)).toEqual([
      'dropped forbidden_key actor_id',
      'dropped attribute_dropped state',
      'dropped attribute_dropped other',
    ]);
  });

  it('of at most 16 keys of 200 characters', () => {
    const keys = [
      'service.name',
      'deployment.environment.name',
      'http.request.method',
      'http.route',
      'http.response.status_code',
    ];
    keys.push(
      'outcome',
      'error.type',
      'voice.session_outcome',
      'ws.event_type',
      'db.operation.name',
      'db.collection.name',
    );
    keys.push('os.type', 'quality', 'db.client.connection.state', 'exporter', 'data_type', 'action');
    const curation = curate({ attributes: attributes(Object.fromEntries(keys.map((key) => [key, 'x']))) });
    expect(Object.keys(kept<CuratedLog>(curation).attributes)).toEqual(keys.slice(0, 16));
    expect(reasons(curation)).toContain('dropped attribute_limit action');
    const { target } = log({ attributes: attributes({ target: 'word '.repeat(100) }) }).attributes;
    expect(String(target).length).toBe(200);
  });
});

describe('trace context (otlp-conformance item 26)', () => {
  it('ids of 16 and 8 bytes are hex, all zero and none are null', () => {
    expect(log({ traceId, spanId })).toMatchObject({
      traceId: '0102030405060708090a0b0c0d0e0f10',
      spanId: '0102030405060708',
    });
    expect(log({ traceId: new Uint8Array(16), spanId: new Uint8Array(8) })).toMatchObject({
      traceId: null,
      spanId: null,
    });
  });

  it('another length is none, and noted', () => {
    const curation = curate({ traceId: traceId.slice(1), spanId });
    expect(kept<CuratedLog>(curation)).toMatchObject({ traceId: null, spanId: '0102030405060708' });
    expect(reasons(curation)).toEqual(['noted invalid_trace_context trace_id']);
  });

  it('is not sampled only beside a trace id whose flags say so', () => {
    expect(log({ traceId, flags: 0 }).isSampled).toBe(false);
    expect(log({ traceId, flags: 1 }).isSampled).toBe(true);
    expect(log({ flags: 0 }).isSampled).toBe(true);
  });
});

describe('domain (contract.md §3)', () => {
  it.each<[string, Partial<LogRecord>, string]>([
    ['attribute', { attributes: attributes({ domain: 'voice', 'db.system': 'postgresql' }) }, 'voice'],
    ['db.system', { attributes: attributes({ 'db.system': 'postgresql', 'http.route': '/auth/x' }) }, 'db'],
    ['route', { attributes: attributes({ 'http.route': '/api/auth/login' }) }, 'auth'],
    ['scope', { scope: { ...scope, name: 'server.chat' } }, 'chat'],
    ['event', { eventName: 'ws.closed' }, 'ws'],
    ['nothing', {}, 'other'],
  ])('by %s', (_name, overrides, domain) => {
    expect(log(overrides).domain).toBe(domain);
  });
});

describe('identity (design §5, "Identity is a record’s")', () => {
  it('is resource, scope and own content, whatever the order of attributes', () => {
    const a = log({ attributes: attributes({ action: 'a', target: 'b' }) }).digest;
    expect(log({ attributes: attributes({ target: 'b', action: 'a' }) }).digest).toBe(a);
    const others: Partial<LogRecord>[] = [
      ...[
        { body: 'other' },
        { timeUnixNano: timeUnixNano + 1n },
        { observedTimeUnixNano: 1n },
        { severityNumber: 18 },
        { severityText: 'x' },
      ],
      ...[{ eventName: 'x' }, { flags: 0 }, { traceId }, { spanId }, { attributes: attributes({ dropped: 1n }) }],
      ...[{ resource: resource({ 'service.name': 'b' }) }, { scope: { ...scope, version: '2' } }],
    ];
    const digests = others.map((overrides) => log(overrides).digest);
    expect(new Set([a, log({}).digest, ...digests]).size).toBe(others.length + 2);
  });
});
