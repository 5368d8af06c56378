import type { Random } from '@command-center/infra/demo/random';

/** Strings that senders should not send and do. Some are not UTF-8. */
const oddTexts = [
  Buffer.alloc(0),
  Buffer.from('\u0000'),
  Buffer.from('before\u0000after'),
  Buffer.from([0xff, 0xfe, 0x80]),
  // A lone surrogate, an overlong slash, a character cut off.
  Buffer.from([0xed, 0xa0, 0x80]),
  Buffer.from([0xc0, 0xaf]),
  Buffer.from([0x61, 0xf0, 0x9f, 0x98]),
  Buffer.from('\ufeffbom'),
  Buffer.from('\u202eright to left'),
  Buffer.from('e\u0301'.repeat(40)),
  Buffer.from('\u{1f600}'.repeat(30)),
  Buffer.from('{"password":"hunter2"}'),
  Buffer.from('__proto__'),
  Buffer.from('constructor'),
  Buffer.from("'; DROP TABLE telemetry_log_events; --"),
  Buffer.from('%s%n\\u0000\\'),
  Buffer.from('{NULL,"a"}'),
  Buffer.from('NaN'),
  Buffer.from('\r\n\t"\\'),
  Buffer.from('otel.metric.overflow'),
  Buffer.from('service.name'),
  Buffer.from('/a/'.repeat(80)),
  Buffer.from('a@b.c'.repeat(30)),
] as const;

/** One text in a thousand is this long. */
const LONG_BYTES = 100_000;

export function oddText(random: Random): Buffer {
  if (random.chance(0.001)) return Buffer.alloc(LONG_BYTES, random.pick(['a', '=', '1.', '{"', '\u00e9', 'password=']));
  if (random.chance(0.1)) return Buffer.alloc(random.integer(100, 3_000), random.pick(['x', 'ab/', '0', '\u{1f600}']));
  if (random.chance(0.2))
    return Buffer.from(Array.from({ length: random.integer(0, 30) }, () => random.integer(0, 255)));
  return random.pick(oddTexts);
}

/** Edges of every integer type, as 64 bits. */
export function oddInteger(random: Random): bigint {
  const power = 1n << BigInt(random.pick([0, 1, 7, 8, 15, 16, 31, 32, 52, 53, 62, 63, 64]));
  return BigInt.asUintN(64, power + BigInt(random.integer(-1, 1)));
}

const oddDoubles = [
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  -0,
  Number.MAX_VALUE,
  -Number.MAX_VALUE,
  Number.MIN_VALUE,
  2 ** 53,
  1e21,
  -1,
  0.1,
] as const;

export function oddDouble(random: Random): number {
  return random.pick(oddDoubles);
}
