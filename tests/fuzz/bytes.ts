import type { Random } from '@command-center/infra/demo/random';

/** Changes that know nothing of the encoding: what lines, disks and other people's encoders do to bytes. */

/** What breaks parsers: edges of integers and doubles, wrong types, open brackets, lone surrogates, long varints. */
const tokens = [
  'null',
  '{}',
  '[[[[',
  '{"',
  '-1',
  '1e999',
  '18446744073709551616',
  '"NaN"',
  '"\\ud800"',
  '\\u0000',
  '"__proto__":',
  '\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u007f',
  '\u00ff\u00ff\u00ff\u00ff\u000f',
  '\u0000',
  '\u00c3\u0028',
  '\u00ed\u00a0\u0080',
  '\u000b',
  '\u000c',
] as const;

const kinds = ['flip', 'flip', 'set', 'insert', 'delete', 'repeat', 'cut'] as const;

/** One to three changes at random places. */
export function mangleBytes(random: Random, body: Buffer): Buffer {
  let mangled = body;
  for (let change = random.integer(1, 3); change > 0; change--) mangled = changeOnce(random, mangled);
  return mangled;
}

function changeOnce(random: Random, body: Buffer): Buffer {
  const at = random.integer(0, Math.max(body.length - 1, 0));
  const length = random.integer(1, 40);
  switch (random.pick(kinds)) {
    case 'flip':
      return withByte(body, at, (byte) => byte ^ (1 << random.integer(0, 7)));
    case 'set':
      return withByte(body, at, () => random.integer(0, 255));
    case 'insert':
      return Buffer.concat([body.subarray(0, at), Buffer.from(random.pick(tokens), 'latin1'), body.subarray(at)]);
    case 'delete':
      return Buffer.concat([body.subarray(0, at), body.subarray(at + length)]);
    case 'repeat':
      return Buffer.concat([body.subarray(0, at + length), body.subarray(at)]);
    case 'cut':
      return body.subarray(0, at);
  }
}

function withByte(body: Buffer, at: number, change: (byte: number) => number): Buffer {
  const copy = Buffer.from(body);
  if (at < copy.length) copy[at] = change(copy[at] ?? 0);
  return copy;
}
