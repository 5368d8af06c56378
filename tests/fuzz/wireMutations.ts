import type { Random } from '@command-center/infra/demo/random';
import { oddDouble, oddInteger, oddText } from './texts.ts';
import { isField, serializeWire, varintBytes, type WireField, type WireNode } from './wireTree.ts';

/** Changes that keep protobuf's framing and break what it frames: fields gone, twice, in disorder, of another type, nested too deep. */

/** One to three changes; `donor` lends fields of another request. */
export function mangleWire(random: Random, tree: readonly WireNode[], donor: readonly WireNode[]): Buffer {
  let mangled = tree;
  for (let change = random.pick([1, 1, 1, 2, 3]); change > 0; change--) mangled = changeBelow(random, mangled, donor);
  return serializeWire(mangled);
}

/** Mostly goes down to a leaf, where the values are. */
function changeBelow(random: Random, nodes: readonly WireNode[], donor: readonly WireNode[]): readonly WireNode[] {
  const index = random.integer(0, Math.max(nodes.length - 1, 0));
  const node = nodes[index];
  if (node !== undefined && isField(node) && node.children !== undefined && random.chance(0.8))
    return replaced(nodes, index, [{ ...node, children: changeBelow(random, node.children, donor) }]);
  return changeList(random, nodes, index, donor);
}

function replaced(nodes: readonly WireNode[], index: number, by: readonly WireNode[]): readonly WireNode[] {
  return [...nodes.slice(0, index), ...by, ...nodes.slice(index + 1)];
}

const changes = [
  ...['value', 'value', 'value', 'value', 'value', 'value', 'type', 'number', 'remove', 'twice', 'reorder'],
  ...['repeat', 'unknown', 'deep', 'lie', 'splice', 'overlong'],
] as const;
type Change =
  | 'value'
  | 'type'
  | 'number'
  | 'remove'
  | 'twice'
  | 'reorder'
  | 'repeat'
  | 'unknown'
  | 'deep'
  | 'lie'
  | 'splice'
  | 'overlong';

function changeList(
  random: Random,
  nodes: readonly WireNode[],
  index: number,
  donor: readonly WireNode[],
): readonly WireNode[] {
  const node = nodes[index];
  const change = random.pick(changes as readonly [Change, ...Change[]]);
  const inserted = (by: WireNode): readonly WireNode[] => [...nodes.slice(0, index), by, ...nodes.slice(index)];
  if (change === 'unknown') return inserted(unknownField(random));
  if (change === 'deep') return inserted(deepField(random));
  if (change === 'splice') return inserted(someFieldOf(random, donor));
  if (change === 'reorder') return nodes.toSorted(() => random.integer(-1, 1));
  if (node === undefined || !isField(node)) return inserted(unknownField(random));
  switch (change) {
    case 'remove':
      return replaced(nodes, index, []);
    case 'twice':
      return replaced(nodes, index, [node, node]);
    case 'repeat':
      return replaced(
        nodes,
        index,
        Array.from({ length: random.integer(2, 60) }, () => node),
      );
    case 'value':
      return replaced(nodes, index, [oddField(random, node.field, node.wireType)]);
    case 'type':
      return replaced(nodes, index, [oddField(random, node.field, random.pick([0, 1, 2, 5]))]);
    case 'number':
      return replaced(nodes, index, [{ ...node, field: oddNumber(random) }]);
    case 'lie':
      return replaced(nodes, index, [lyingField(random, node)]);
    case 'overlong':
      return replaced(nodes, index, [overlongVarint(random, node.field)]);
  }
}

function oddField(random: Random, field: number, wireType: number): WireField {
  const blank = { field, wireType, bytes: undefined, varint: undefined, children: undefined };
  switch (wireType) {
    case 0:
      return { ...blank, varint: oddInteger(random) };
    case 1:
      return { ...blank, bytes: random.chance(0.5) ? ofDouble(oddDouble(random)) : ofInteger(oddInteger(random)) };
    case 5:
      return { ...blank, bytes: ofInteger(oddInteger(random)).subarray(0, 4) };
    default:
      return { ...blank, wireType: 2, bytes: oddText(random) };
  }
}

function ofDouble(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return bytes;
}

function ofInteger(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
}

function oddNumber(random: Random): number {
  return random.chance(0.8) ? random.integer(1, 16) : random.pick([31, 32, 1_000, 19_000, 2 ** 29 - 1]);
}

function unknownField(random: Random): WireNode {
  const isReserved = random.chance(0.1);
  if (!isReserved) return oddField(random, oddNumber(random), random.pick([0, 1, 2, 5]));
  // Field 0, wire types 6 and 7, the end of a group that never began.
  return { raw: Buffer.from(random.pick(['00', '06', '07', '0c', '7c', 'ffffffff7f'] as const), 'hex') };
}

const DEPTHS = [10, 31, 33, 64, 101, 2_000] as const;

/** Lists in lists, maps in maps, or groups in groups. */
function deepField(random: Random): WireNode {
  const depth = random.pick(DEPTHS);
  if (random.chance(0.3)) {
    const begun = Buffer.alloc(depth, random.pick([0x0b, 0x7b]));
    const ended = random.chance(0.7) ? Buffer.alloc(depth, (begun[0] ?? 0) + 1) : Buffer.alloc(0);
    return { raw: Buffer.concat([begun, ended]) };
  }
  const levels = random.pick<readonly number[]>([[5, 1], [6, 1, 2], [1], [2], [5], [7, 1, 1, 2, 5, 1]]);
  let body: WireNode[] = [];
  for (let level = depth; level > 0; level--) {
    const field = levels[level % levels.length] ?? 1;
    body = [{ field, wireType: 2, bytes: undefined, varint: undefined, children: body }];
  }
  return body[0] ?? { raw: Buffer.alloc(0) };
}

function someFieldOf(random: Random, nodes: readonly WireNode[]): WireNode {
  const node = nodes[random.integer(0, Math.max(nodes.length - 1, 0))];
  if (node === undefined) return unknownField(random);
  const isDeeper = isField(node) && node.children !== undefined && node.children.length > 0 && random.chance(0.7);
  return isDeeper ? someFieldOf(random, node.children) : node;
}

/** Says a length that is not its own: a little off, huge, or negative as int32 and int64 read it. */
function lyingField(random: Random, node: WireField): WireNode {
  const payload = node.children === undefined ? (node.bytes ?? Buffer.alloc(0)) : serializeWire(node.children);
  const length = random.chance(0.5) ? BigInt(Math.max(payload.length + random.integer(-3, 3), 0)) : oddInteger(random);
  return { raw: Buffer.concat([varintBytes((BigInt(node.field) << 3n) | 2n), varintBytes(length), payload]) };
}

/** More bytes than 64 bits take, ending or not. */
function overlongVarint(random: Random, field: number): WireNode {
  const body = Buffer.alloc(random.integer(2, 12), 0x80);
  if (random.chance(0.8)) body[body.length - 1] = random.integer(0, 127);
  return { raw: Buffer.concat([varintBytes(BigInt(field) << 3n), body]) };
}
