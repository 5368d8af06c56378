import type { Random } from '@command-center/infra/demo/random';
import { oddText } from './texts.ts';

/** JSON as a tree that may say what no JavaScript value can: a key twice, a number of any length, bytes that are no UTF-8. */
export type JsonNode =
  | { readonly type: 'object'; readonly entries: readonly (readonly [key: string, value: JsonNode])[] }
  | { readonly type: 'array'; readonly items: readonly JsonNode[] }
  /** Latin-1: each character a byte. */
  | { readonly type: 'raw'; readonly text: string };

export function parseJsonTree(text: string): JsonNode {
  return nodeOf(JSON.parse(text));
}

function nodeOf(value: unknown): JsonNode {
  if (Array.isArray(value)) return { type: 'array', items: value.map(nodeOf) };
  if (typeof value === 'object' && value !== null)
    return { type: 'object', entries: Object.entries(value).map(([key, member]) => [quoted(key), nodeOf(member)]) };
  return { type: 'raw', text: latin1(JSON.stringify(value)) };
}

function quoted(key: string): string {
  return latin1(JSON.stringify(key));
}

function latin1(text: string): string {
  return Buffer.from(text).toString('latin1');
}

/** One to three changes; `donor` lends values of another request. */
export function mangleJson(random: Random, tree: JsonNode, donor: JsonNode): Buffer {
  let mangled = tree;
  for (let change = random.pick([1, 1, 1, 2, 3]); change > 0; change--) mangled = changeBelow(random, mangled, donor);
  const text = written(mangled);
  if (random.chance(0.97)) return Buffer.from(text, 'latin1');
  const odd = random.pick([
    '\u00ef\u00bb\u00bf$',
    '$,',
    '$$',
    ' \n$\n',
    '[$]',
    '/* */$',
    '$\u0000',
    '($)',
    '"$"',
  ] as const);
  return Buffer.from(
    odd.replaceAll('$', () => text),
    'latin1',
  );
}

function written(node: JsonNode): string {
  switch (node.type) {
    case 'object':
      return `{${node.entries.map(([key, value]) => `${key}:${written(value)}`).join(',')}}`;
    case 'array':
      return `[${node.items.map(written).join(',')}]`;
    case 'raw':
      return node.text;
  }
}

/** Mostly goes down to a leaf. */
function changeBelow(random: Random, node: JsonNode, donor: JsonNode): JsonNode {
  if (node.type === 'raw' || random.chance(0.12))
    return random.chance(0.1) ? someOf(random, donor) : oddValue(random, node);
  if (node.type === 'array') {
    if (random.chance(0.15))
      return { type: 'array', items: changedList(random, node.items, () => oddValue(random, node)) };
    const at = random.integer(0, Math.max(node.items.length - 1, 0));
    return {
      type: 'array',
      items: node.items.map((item, index) => (index === at ? changeBelow(random, item, donor) : item)),
    };
  }
  if (random.chance(0.15)) {
    const entries = changedList(random, node.entries, () => [oddKey(random), oddValue(random, node)] as const);
    return { type: 'object', entries };
  }
  const at = random.integer(0, Math.max(node.entries.length - 1, 0));
  return {
    type: 'object',
    entries: node.entries.map(([key, value], index): readonly [string, JsonNode] => {
      if (index !== at) return [key, value];
      return random.chance(0.1) ? [oddKey(random), value] : [key, changeBelow(random, value, donor)];
    }),
  };
}

/** Removes, repeats, reorders or adds. */
function changedList<T>(random: Random, list: readonly T[], odd: () => T): readonly T[] {
  const at = random.integer(0, Math.max(list.length - 1, 0));
  const item = list[at];
  switch (random.pick(['remove', 'twice', 'repeat', 'reorder', 'add'] as const)) {
    case 'remove':
      return list.filter((_, index) => index !== at);
    case 'twice':
      return item === undefined ? list : [...list, item];
    case 'repeat':
      return item === undefined ? list : [...list, ...Array.from({ length: random.integer(2, 60) }, () => item)];
    case 'reorder':
      return list.toSorted(() => random.integer(-1, 1));
    case 'add':
      return [...list.slice(0, at), odd(), ...list.slice(at)];
  }
}

const keys = [
  ...['"__proto__"', '"constructor"', '"toString"', '"hasOwnProperty"', '""', '"\\u0000"', '"\\ud800"'],
  ...['"resource_metrics"', '"timeUnixNano"', '"time_unix_nano"', '"asInt"', '"asDouble"', '"sum"', '"gauge"'],
  ...['"attributes"', '"value"', '"kvlistValue"', '"arrayValue"', '"bytesValue"', '"count"', '"length"', '"0"'],
] as const;

function oddKey(random: Random): string {
  return random.pick(keys as readonly [string, ...string[]]);
}

const scalars = [
  ...['null', 'null', 'true', 'false', '0', '-0', '-1', '1.5', '1e999', '-1e999', '1e-999', '4294967296', '2147483648'],
  ...['9007199254740993', '18446744073709551615', '18446744073709551616', '-9223372036854775809', `1${'0'.repeat(60)}`],
  ...[
    '""',
    '"NaN"',
    '"Infinity"',
    '"-Infinity"',
    '"nan"',
    '"12"',
    '"-7"',
    '"1e3"',
    '"0x10"',
    '" 1"',
    '"1_000"',
    '"SPAN_KIND_SERVER"',
  ],
  ...[
    '"18446744073709551615"',
    '"18446744073709551616"',
    `"${'9'.repeat(400)}"`,
    '"5b8efff798038103d269b633813fc60c"',
    '"5b8"',
    '"zz"',
  ],
  ...[
    '"\\ud800"',
    '"\\udc00\\ud800"',
    '"\\u0000"',
    '"AQID"',
    '"AQ=="',
    '"-_-_"',
    '"=A=="',
    '[]',
    '{}',
    '[[]]',
    '[null]',
    '{"":null}',
  ],
  ...[
    '{"__proto__":{"stringValue":"x"}}',
    '{"stringValue":null,"intValue":"7"}',
    '{"intValue":"x"}',
    '{"doubleValue":"NaN"}',
  ],
  // Not JSON at all.
  ...['NaN', 'Infinity', 'undefined', "'x'", '01', '+1', '.5', '"\\x41"', '"\t"', '"', '[', '{', ''],
] as const;

function oddValue(random: Random, node: JsonNode): JsonNode {
  if (random.chance(0.75)) return { type: 'raw', text: random.pick(scalars as readonly [string, ...string[]]) };
  if (random.chance(0.3)) return deepValue(random);
  if (random.chance(0.3)) return { type: 'array', items: [node, node] };
  if (random.chance(0.3)) return { type: 'object', entries: [[oddKey(random), node]] };
  const text = oddText(random).toString('latin1');
  return { type: 'raw', text: random.chance(0.8) ? `"${text.replaceAll(/["\\\p{Cc}]/gu, '.')}"` : text };
}

function deepValue(random: Random): JsonNode {
  const depth = random.pick([10, 33, 100, 3_000] as const);
  const [open, close] = random.pick<readonly [open: string, close: string]>([
    ['[', ']'],
    ['{"a":', '}'],
    ['{"arrayValue":{"values":[', ']}}'],
    ['{"kvlistValue":{"values":[{"key":"k","value":', '}]}}'],
  ]);
  const core = random.pick(['', 'null', '{"stringValue":"x"}'] as const);
  return { type: 'raw', text: open.repeat(depth) + core + (random.chance(0.8) ? close.repeat(depth) : '') };
}

function someOf(random: Random, node: JsonNode): JsonNode {
  const members =
    node.type === 'array' ? node.items : node.type === 'object' ? node.entries.map(([, value]) => value) : [];
  const member = members[random.integer(0, Math.max(members.length - 1, 0))];
  return member === undefined || random.chance(0.2) ? node : someOf(random, member);
}
