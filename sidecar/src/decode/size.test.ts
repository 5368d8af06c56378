import { describe, expect, it } from 'vitest';
import {
  MAX_JSON_COMMAS,
  MAX_JSON_CONTAINERS,
  MAX_JSON_DEPTH,
  MAX_READ_BUCKETS,
  MAX_REQUEST_RECORDS,
  MAX_REQUEST_VALUES,
  UNCHECKED_JSON_BYTES,
} from '../limits.ts';
import { DecodeError } from './decodeError.ts';
import { decodeJson } from './json.ts';
import { decodeProtobuf } from './protobuf.ts';
import type { Signal } from './records.ts';
import type { DecodedRequest } from './request.ts';
import { Message } from './testing/encodeProtobuf.ts';

/** A message of protobuf with the fields of `path` around `content`, outermost first. */
function wrapped(path: readonly number[], content: Uint8Array): Buffer {
  return path.reduceRight<Buffer>((inner, field) => {
    const head = new Message();
    head.varints([(field << 3) | 2, inner.length]);
    return Buffer.concat([head.finish(), inner]);
  }, Buffer.from(content));
}

/** The resource and the scope count as well: they cost work. */
const ENVELOPE = 2;

/** `count` times an empty message or a one-byte value of field `field`. */
function repeated(field: number, count: number): Buffer {
  return Buffer.alloc(count * 2, Uint8Array.of((field << 3) | 2, 0));
}

/** Asks for what is read only when someone does. */
function readAll(request: DecodedRequest): DecodedRequest {
  for (const record of request.records) if ('body' in record) void record.body;
  return request;
}

function codeOf(decode: () => DecodedRequest): string {
  try {
    decode();
    return 'decoded';
  } catch (error) {
    if (error instanceof DecodeError) return error.code;
    throw error;
  }
}

// Two bytes of wire, or two hundredths of one compressed, were up to 160 bytes of memory: 64 MiB ended the process.
describe('a request holds no more than fits into memory, however small its records are', () => {
  const item = { metrics: [1, 2, 2, 5], logs: [1, 2], traces: [1, 2] } as const;
  const field = { metrics: 1, logs: 2, traces: 2 } as const;

  it.each(['metrics', 'logs', 'traces'] as const)('records of %s, in protobuf', (signal) => {
    const of = (count: number) => wrapped(item[signal], repeated(field[signal], count));
    expect(decodeProtobuf(signal, of(MAX_REQUEST_RECORDS)).records).toHaveLength(MAX_REQUEST_RECORDS);
    expect(codeOf(() => decodeProtobuf(signal, of(MAX_REQUEST_RECORDS + 1)))).toBe('too_large');
  });

  it('records in JSON', () => {
    const of = (count: number) => {
      const records = Array.from({ length: count }, () => '{}').join(',');
      return Buffer.from(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[${records}]}]}]}`);
    };
    expect(decodeJson('logs', of(MAX_REQUEST_RECORDS)).records).toHaveLength(MAX_REQUEST_RECORDS);
    expect(codeOf(() => decodeJson('logs', of(MAX_REQUEST_RECORDS + 1)))).toBe('too_large');
  });

  it.each([
    { what: 'attributes', path: [1, 2, 2], field: 6 },
    { what: 'items of a list', path: [1, 2, 2, 5, 5], field: 1 },
  ])('$what of a log record, in protobuf, when its content is read', ({ path, field: number }) => {
    const read = (count: number) => readAll(decodeProtobuf('logs', wrapped(path, repeated(number, count))));
    expect(read(MAX_REQUEST_VALUES - ENVELOPE).records).toHaveLength(1);
    expect(codeOf(() => read(MAX_REQUEST_VALUES - ENVELOPE + 1))).toBe('too_large');
  });

  it('attributes of spans, in protobuf', () => {
    const of = (count: number) => wrapped([1, 2, 2], repeated(9, count));
    expect(decodeProtobuf('traces', of(MAX_REQUEST_VALUES - ENVELOPE)).records).toHaveLength(1);
    expect(codeOf(() => decodeProtobuf('traces', of(MAX_REQUEST_VALUES - ENVELOPE + 1)))).toBe('too_large');
  });

  it('attributes of many log records together, and of scopes and resources, whatever part of the request they are', () => {
    const half = MAX_REQUEST_VALUES / 2;
    const logs = wrapped([1, 2], Buffer.concat([wrapped([2], repeated(6, half)), wrapped([2], repeated(6, half))]));
    expect(codeOf(() => readAll(decodeProtobuf('logs', logs)))).toBe('too_large');
    const scopes = wrapped(
      [1],
      Buffer.concat([wrapped([2, 1], repeated(3, half)), wrapped([2, 1], repeated(3, half))]),
    );
    expect(codeOf(() => decodeProtobuf('traces', scopes))).toBe('too_large');
    expect(codeOf(() => decodeProtobuf('traces', repeated(1, MAX_REQUEST_VALUES + 1)))).toBe('too_large');
  });

  it('buckets of one point: what is left out is still too many to be kept', () => {
    const of = (count: number) => wrapped([1, 2, 2, 10, 1, 8, 2], Buffer.alloc(count, 1));
    const countsOf = (count: number) => {
      const [point] = decodeProtobuf('metrics', of(count)).records;
      return point !== undefined && 'positive' in point ? point.positive.bucketCounts.length : undefined;
    };
    expect(countsOf(MAX_READ_BUCKETS)).toBe(MAX_READ_BUCKETS);
    expect(countsOf(MAX_READ_BUCKETS + 1)).toBe(MAX_READ_BUCKETS);
    expect(countsOf(8_000_000)).toBe(MAX_READ_BUCKETS);
  });

  it('a resource or scope said again and again is merged in linear time', () => {
    const scopes = wrapped([1, 2], Buffer.alloc(400_000, Uint8Array.of(0x0a, 2, 0x1a, 0)));
    const resources = wrapped([1], Buffer.alloc(400_000, Uint8Array.of(0x0a, 2, 0x0a, 0)));
    const before = process.threadCpuUsage();
    for (const body of [scopes, resources]) expect(decodeProtobuf('traces', body).records).toEqual([]);
    // Copying what was there took over a minute.
    expect(process.threadCpuUsage(before).user).toBeLessThan(2_000_000);
  });
});

describe('a JSON document is measured before it is parsed, once it is large', () => {
  const large = (json: string) => Buffer.from(json + ' '.repeat(Math.max(0, UNCHECKED_JSON_BYTES + 1 - json.length)));
  const of = (signal: Signal, json: string) => codeOf(() => decodeJson(signal, large(json)));

  it('depth', () => {
    const nested = (depth: number) => `{"x":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;
    expect(of('logs', nested(MAX_JSON_DEPTH))).toBe('decoded');
    expect(of('logs', nested(MAX_JSON_DEPTH + 1))).toBe('too_large');
    expect(codeOf(() => decodeJson('logs', Buffer.alloc(2 ** 26, '[')))).toBe('too_large');
  });

  it('objects and arrays', () => {
    // Two around them.
    const many = (count: number) => `{"x":[[]${',[]'.repeat(count - 3)}]}`;
    expect(of('logs', many(MAX_JSON_CONTAINERS))).toBe('decoded');
    expect(of('logs', many(MAX_JSON_CONTAINERS + 1))).toBe('too_large');
  });

  it('members', () => {
    const many = (commas: number) => `{"x":[0${',0'.repeat(commas)}]}`;
    expect(of('logs', many(MAX_JSON_COMMAS))).toBe('decoded');
    expect(of('logs', many(MAX_JSON_COMMAS + 1))).toBe('too_large');
  });

  it('what stands in strings is text', () => {
    expect(of('logs', `{"x":"${'[{,\\"'.repeat(MAX_JSON_COMMAS / 4)}\\\\","y":"${','.repeat(MAX_JSON_COMMAS)}"}`)).toBe(
      'decoded',
    );
    expect(of('logs', `{"x":"${'['.repeat(2_000)}`)).toBe('undecodable');
  });
});
