import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { INTERNED_STRING_BYTES, MAX_VALUE_DEPTH } from '../limits.ts';
import { DecodeError } from './decodeError.ts';
import { internedText } from './protobuf/intern.ts';
import { decodeProtobuf } from './protobuf.ts';
import type { AttributeValue, Point, Signal } from './records.ts';
import { trees } from './testing/arbitrary.ts';
import { encodeProtobuf, Message } from './testing/encodeProtobuf.ts';

/** A request with one message at resources[0].scopes[0].items[0]. */
function item(write: (message: Message) => void): Uint8Array {
  const wrapped = new Message().child(1, (resource) => resource.child(2, (scope) => scope.child(2, write)));
  return wrapped.finish();
}

function decodeError(signal: Signal, bytes: Uint8Array): DecodeError {
  try {
    // The content of a log record is read when it is asked for.
    for (const record of decodeProtobuf(signal, bytes).records) if ('body' in record) void record.body;
  } catch (error) {
    if (error instanceof DecodeError) return error;
    throw error;
  }
  throw new Error('decoded');
}

function points(bytes: Uint8Array): readonly Point[] {
  const request = decodeProtobuf('metrics', bytes);
  return request.signal === 'metrics' ? [...request.records] : [];
}

/** A sum (field 7) of one number point. */
const sumOf = (write: (point: Message) => void) => item((metric) => metric.child(7, (sum) => sum.child(1, write)));

describe('protobuf of opentelemetry-proto 1.11', () => {
  it('reads empty bytes and empty envelopes as empty requests', () => {
    for (const bytes of [new Uint8Array(), new Message().child(1, () => undefined).finish(), item(() => undefined)]) {
      expect([...decodeProtobuf('metrics', bytes).records]).toEqual([]);
    }
  });

  it('throws on every truncation that cuts a message, and names no value', () => {
    const whole = sumOf((point) => point.fixed64(3, 1n).child(7, (attribute) => attribute.text(1, 'secret')));
    for (let length = 1; length < whole.length; length++) {
      const error = decodeError('metrics', whole.subarray(0, length));
      expect(error.code).toBe('undecodable');
      expect(error.message).not.toContain('secret');
    }
  });

  it('says where', () => {
    const bytes = item((metric) =>
      metric.child(7, (sum) => sum.child(1, () => undefined).child(1, (point) => point.varint(3, 1n))),
    );
    expect(decodeError('metrics', bytes).where).toMatch(
      /^resourceMetrics\[0\]\.scopeMetrics\[0\]\.metrics\[0\]\.dataPoints\[1\], byte \d+$/,
    );
  });

  it('throws on another wire type of a field it reads', () => {
    decodeError(
      'metrics',
      sumOf((point) => point.varint(3, 1n)),
    );
    decodeError(
      'metrics',
      sumOf((point) => point.text(4, 'x')),
    );
    decodeError(
      'metrics',
      item((metric) => metric.varint(1, 1n)),
    );
    decodeError(
      'metrics',
      item((metric) => metric.varint(7, 1n)),
    );
    decodeError(
      'logs',
      item((log) => log.varint(8, 1n)),
    );
    decodeError(
      'traces',
      item((span) => span.varint(15, 1n)),
    );
    decodeError('traces', new Message().varint(1, 1n).finish());
  });

  it('throws on a nested message longer than its parent, on field 0, and on an endless varint', () => {
    decodeError('metrics', Uint8Array.of(0x0a, 0x02, 0x12, 0x05, 0, 0, 0, 0, 0));
    decodeError('metrics', Uint8Array.of(0x00, 0x00));
    decodeError('metrics', new Uint8Array(30).fill(0xff));
    decodeError(
      'logs',
      item((log) => log.bytes(5, Uint8Array.of(0x18, ...new Uint8Array(12).fill(0xff)))),
    );
  });

  it('skips unknown fields of every wire type, groups too, and what it does not read', () => {
    const bytes = sumOf((point) => {
      point.double(4, 7).varint(999, 5n).text(1000, 'x').fixed32(500, 1).fixed64(501, 1n);
      point.child(5, (exemplar) => exemplar.text(7, 'an exemplar'));
    });
    // Group 600 with a varint in it, after the request's own field.
    const group = Uint8Array.of(0xc3, 0x25, 0x08, 0x01, 0xc4, 0x25);
    expect(points(Buffer.concat([bytes, group]))).toMatchObject([{ type: 'number', value: 7 }]);
  });

  it('takes the last of a oneof, and joins what is sent in two parts', () => {
    const both = item((metric) => {
      metric.child(5, (gauge) => gauge.child(1, (point) => point.double(4, 1)));
      metric.child(7, (sum) => sum.child(1, (point) => point.double(4, 2)));
      metric.child(7, (sum) => sum.child(1, (point) => point.double(4, 3)).varint(2, 2n));
    });
    expect(points(both)).toMatchObject([
      { value: 2, metric: { kind: 'sum', temporality: 'cumulative' } },
      { value: 3 },
    ]);
  });

  it('reads fields in any order: a name after its points, a resource after its scopes', () => {
    const bytes = new Message()
      .child(1, (resource) => {
        resource.child(2, (scope) => {
          scope.child(2, (metric) =>
            metric.child(5, (gauge) => gauge.child(1, (point) => point.double(4, 1))).text(1, 'late'),
          );
          scope.child(1, (inner) => inner.text(1, 'late scope'));
        });
        resource.child(1, (inner) => inner.child(1, (attribute) => attribute.text(1, 'late attribute')));
      })
      .finish();
    expect(points(bytes)).toMatchObject([
      {
        metric: { name: 'late', scope: { name: 'late scope' }, resource: { attributes: [{ key: 'late attribute' }] } },
      },
    ]);
  });

  it('reads every metric of a scope whose fields stand behind its points, as the Go collector writes them', () => {
    const metric = (message: Message, name: string, value: number): void => {
      message.child(5, (gauge) => gauge.child(1, (point) => point.double(4, value).fixed64(3, 7n)));
      message.text(3, 'By').text(2, 'a description').text(1, name);
    };
    const bytes = new Message().child(1, (resource) =>
      resource.child(2, (scope) => {
        scope.child(2, (message) => metric(message, 'first', 1)).child(2, (message) => metric(message, 'second', 2));
      }),
    );
    const read = points(bytes.finish()).map((point) => [point.metric.name, point.type === 'number' && point.value]);
    expect(read).toEqual([
      ['first', 1],
      ['second', 2],
    ]);
  });

  it('reads integers exactly where they must be, and to the nearest double where they are values', () => {
    const [point] = points(
      sumOf((message) =>
        message
          .fixed64(2, 2n ** 64n - 1n)
          .fixed64(3, 1_760_000_000_123_456_789n)
          .fixed64(6, -5n),
      ),
    );
    expect(point).toMatchObject({
      startTimeUnixNano: 2n ** 64n - 1n,
      timeUnixNano: 1_760_000_000_123_456_789n,
      value: -5,
    });
    const [huge] = points(sumOf((message) => message.fixed64(6, 2n ** 53n + 1n)));
    expect(huge).toMatchObject({ value: Number(2n ** 53n + 1n) });
  });

  it('accepts repeated numbers packed and not', () => {
    const bytes = item((metric) =>
      metric.child(9, (histogram) =>
        histogram.child(1, (point) => {
          point.fixed64(6, 1n).fixed64(6, 2n).double(7, 0.5);
          point.child(6, (packed) => packed.fixed64s([3]));
        }),
      ),
    );
    expect(points(bytes)).toMatchObject([{ bucketCounts: [1, 2, 3], explicitBounds: [0.5] }]);
  });

  it('replaces invalid UTF-8, and never throws for it', () => {
    expect(
      points(
        item((metric) =>
          metric.bytes(1, Uint8Array.of(0x61, 0xff, 0x62)).child(5, (gauge) => gauge.child(1, () => undefined)),
        ),
      ),
    ).toMatchObject([{ metric: { name: 'a\ufffdb' } }]);
  });

  it(`reads values nested ${MAX_VALUE_DEPTH} deep, and one deeper as empty`, () => {
    const nested = (depth: number): AttributeValue => (depth === 0 ? 'bottom' : [nested(depth - 1)]);
    const bodyOf = (depth: number): string => {
      const base = {
        timeUnixNano: 0n,
        observedTimeUnixNano: 0n,
        severityNumber: 0,
        severityText: '',
        eventName: '',
        attributes: [],
        flags: 0,
      };
      const ids = { traceId: new Uint8Array(), spanId: new Uint8Array() };
      const items = [{ ...base, ...ids, body: nested(depth) }];
      const request = decodeProtobuf(
        'logs',
        encodeProtobuf('logs', [{ attributes: [], scopes: [{ name: '', version: '', attributes: [], items }] }]),
      );
      const [record] = request.signal === 'logs' ? request.records : [];
      return JSON.stringify(record?.body, (_key, value) => (typeof value === 'bigint' ? String(value) : value));
    };
    expect(bodyOf(MAX_VALUE_DEPTH)).toContain('bottom');
    expect(bodyOf(MAX_VALUE_DEPTH + 1)).not.toContain('bottom');
    expect(bodyOf(500)).not.toContain('bottom');
  });

  it('gives the same from a view into a larger buffer', () => {
    fc.assert(
      fc.property(trees.traces, fc.nat({ max: 9 }), (tree, offset) => {
        const bytes = encodeProtobuf('traces', tree);
        const larger = new Uint8Array(bytes.length + 20).fill(0xff);
        larger.set(bytes, offset);
        expect(decodeProtobuf('traces', larger.subarray(offset, offset + bytes.length)).records).toEqual(
          decodeProtobuf('traces', bytes).records,
        );
      }),
      { numRuns: 20 },
    );
  });
});

describe('interned strings', () => {
  it('are the strings of their bytes, whatever was read before', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: INTERNED_STRING_BYTES + 1 }),
      fc.string({ unit: fc.constantFrom('a', 'b', '\u0000', '\u007f'), maxLength: 4 }),
    );
    fc.assert(
      fc.property(fc.array(text, { maxLength: 50 }), (texts) => {
        for (const expected of texts) {
          const buffer = Buffer.from(`x${expected}y`);
          expect(internedText(buffer, 1, buffer.length - 1)).toBe(Buffer.from(expected).toString());
        }
      }),
    );
  });
});
