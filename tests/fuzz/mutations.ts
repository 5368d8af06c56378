import fc from 'fast-check';

/** One change to a body, at a place given as a share of its length so that it suits every body. */
export interface Mutation {
  readonly kind: 'flip' | 'set' | 'insert' | 'delete' | 'repeat' | 'cut';
  /** 0 to 1. */
  readonly at: number;
  readonly byte: number;
  readonly length: number;
  readonly token: string;
}

/** What breaks parsers: edges of integers and doubles, wrong types, open brackets, lone surrogates, long varints. */
const tokens = [
  'null',
  'true',
  '{}',
  '[',
  '[[[[',
  '{"',
  '""',
  '-1',
  '1.5',
  '1e999',
  '-0',
  '4294967296',
  '18446744073709551616',
  '9007199254740993',
  '"NaN"',
  '"-Infinity"',
  '"\\ud800"',
  '\\u0000',
  '"SPAN_KIND_SERVER"',
  '"__proto__":',
  '\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u007f',
  '\u0000',
  '\u000a\u0080',
];

export const mutations: fc.Arbitrary<readonly Mutation[]> = fc.array(
  fc.record({
    kind: fc.constantFrom('flip', 'set', 'insert', 'delete', 'repeat', 'cut'),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    byte: fc.nat({ max: 255 }),
    length: fc.nat({ max: 40 }),
    token: fc.constantFrom(...tokens),
  }),
  { minLength: 1, maxLength: 6 },
);

export function mutate(bytes: Uint8Array, list: readonly Mutation[]): Buffer {
  return list.reduce<Buffer>((body, mutation) => apply(body, mutation), Buffer.from(bytes));
}

function apply(body: Buffer, { kind, at, byte, length, token }: Mutation): Buffer {
  const place = Math.floor(at * body.length);
  const before = body.subarray(0, place);
  const after = body.subarray(place);
  switch (kind) {
    case 'flip':
      return Buffer.concat([
        before,
        Buffer.from(after.subarray(0, 1).map((one) => one ^ (1 << (byte & 7)))),
        after.subarray(1),
      ]);
    case 'set':
      return Buffer.concat([before, Buffer.of(byte), after.subarray(1)]);
    case 'insert':
      return Buffer.concat([before, Buffer.from(token, 'latin1'), after]);
    case 'delete':
      return Buffer.concat([before, after.subarray(length)]);
    case 'repeat':
      return Buffer.concat([before, after.subarray(0, length), after]);
    case 'cut':
      return Buffer.from(before);
  }
}
