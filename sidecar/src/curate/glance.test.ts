import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeProtobuf } from '../decode/protobuf.ts';
import type { LogRecord, Span } from '../decode/records.ts';
import { trees } from '../decode/testing/arbitrary.ts';
import { encodeProtobuf, Message } from '../decode/testing/encodeProtobuf.ts';
import { flatten } from '../decode/testing/trees.ts';
import { glanceAt, sentMsOf } from './glance.ts';

const utf8 = (key: string): Uint8Array => Buffer.from(key);

describe('a glance at a record as it was sent says what the whole record does', () => {
  it('logs: when they were sent', () => {
    fc.assert(
      fc.property(trees.logs, (tree) => {
        const { records } = decodeProtobuf('logs', encodeProtobuf('logs', tree));
        const sent = [...records].map((record) => sentMsOf(record as LogRecord));
        expect(sent).toEqual(flatten('logs', tree).map((record) => sentMsOf(record as LogRecord)));
      }),
    );
  });

  it('spans: start, duration, ids, parent and the keys they have', () => {
    fc.assert(
      fc.property(trees.traces, (tree) => {
        const whole = flatten('traces', tree) as readonly Span[];
        const { records } = decodeProtobuf('traces', encodeProtobuf('traces', tree));
        [...(records as readonly Span[])].forEach((span, index) => {
          const { startMs, durationMs, hasIds, isRoot } = glanceAt(span);
          const { mayHave: _, ...expected } = glanceAt(whole[index] as Span);
          expect({ startMs, durationMs, hasIds, isRoot }).toEqual(expected);
          for (const { key } of span.attributes) expect(glanceAt(span).mayHave([utf8('other'), utf8(key)])).toBe(true);
        });
      }),
    );
  });
});

describe('whether a span may have an attribute, before any is read', () => {
  const spanWith = (...attributes: readonly Uint8Array[]): Span => {
    const span = attributes.reduce((message: Message, bytes) => message.bytes(9, bytes), new Message());
    const bytes = [1, 2, 2].reduceRight((inner, field) => new Message().bytes(field, inner).finish(), span.finish());
    return [...decodeProtobuf('traces', bytes).records][0] as Span;
  };
  const value = Uint8Array.of(0x0a, 1, 0x78);
  const usual = (key: string) => new Message().bytes(1, utf8(key)).bytes(2, value).finish();

  it.each([
    ['no attribute', [], false],
    ['another key', [usual('http.rout')], false],
    ['another key of its length', [usual('http.route2'), usual('http.routf')], false],
    ['the key', [usual('a'), usual('http.route')], true],
    [
      'the key of a long value',
      [new Message().bytes(1, utf8('http.route')).bytes(2, Buffer.alloc(300)).finish()],
      true,
    ],
  ] as const)('%s', (_what, attributes, expected) => {
    expect(glanceAt(spanWith(...attributes)).mayHave([utf8('http.route')])).toBe(expected);
  });

  it.each([
    ['the value before the key', new Message().bytes(2, value).bytes(1, utf8('http.route'))],
    [
      'two keys, of which the last counts',
      new Message().bytes(1, utf8('a')).bytes(1, utf8('http.route')).bytes(2, value),
    ],
    ['a key behind the value', new Message().bytes(1, utf8('a')).bytes(2, value).bytes(1, utf8('http.route'))],
    ['a key without a value', new Message().bytes(1, utf8('http.route'))],
  ])('never no where the key is written in another way: %s', (_what, attribute) => {
    const span = spanWith(attribute.finish());
    expect(span.attributes[0]?.key).toBe('http.route');
    expect(glanceAt(span).mayHave([utf8('http.route')])).toBe(true);
  });
});
