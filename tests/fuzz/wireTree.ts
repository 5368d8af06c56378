/** Protobuf as a tree of fields, with or without sense: what structure-aware mutations work on. */

export interface WireField {
  readonly field: number;
  /** 0 varint, 1 fixed64, 2 length-delimited, 5 fixed32. */
  readonly wireType: number;
  /** Payload of wire types 1 and 5, and of 2 where it is no message. */
  readonly bytes: Buffer | undefined;
  readonly varint: bigint | undefined;
  readonly children: readonly WireNode[] | undefined;
}

/** Bytes that stand for themselves: broken tags, lengths that lie. */
export interface RawBytes {
  readonly raw: Buffer;
}

export type WireNode = WireField | RawBytes;

export function isField(node: WireNode): node is WireField {
  return !('raw' in node);
}

/** undefined: the bytes are no protobuf message. Length-delimited fields that look like messages are read as such, which strings seldom do. */
export function parseWire(bytes: Buffer): WireField[] | undefined {
  const fields: WireField[] = [];
  let at = 0;
  const varint = (): bigint | undefined => {
    let value = 0n;
    for (let shift = 0n; shift < 70n && at < bytes.length; shift += 7n) {
      const byte = bytes[at++] ?? 0;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
    return undefined;
  };
  const slice = (length: number): Buffer | undefined => {
    if (length > bytes.length - at) return undefined;
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const tag = varint();
    if (tag === undefined || tag >> 3n === 0n || tag > 0xffffffffn) return undefined;
    const field = Number(tag >> 3n);
    const wireType = Number(tag & 7n);
    const blank = { field, wireType, bytes: undefined, varint: undefined, children: undefined };
    if (wireType === 0) {
      const value = varint();
      if (value === undefined) return undefined;
      fields.push({ ...blank, varint: value });
      continue;
    }
    const length = { 1: 8n, 2: undefined, 5: 4n }[wireType] ?? (wireType === 2 ? varint() : undefined);
    const payload = length === undefined ? undefined : slice(Number(length));
    if (payload === undefined) return undefined;
    const children = wireType === 2 && payload.length > 0 ? parseWire(payload) : undefined;
    fields.push(children === undefined ? { ...blank, bytes: payload } : { ...blank, children });
  }
  return fields;
}

/** Written from the end, so that each length is known before it stands there. Grows to what the largest body needed. */
let scratch = Buffer.alloc(1 << 20);

export function serializeWire(nodes: readonly WireNode[]): Buffer {
  for (;;) {
    const at = writeNodes(nodes, scratch.length);
    if (at >= 0) return Buffer.from(scratch.subarray(at));
    scratch = Buffer.alloc(scratch.length * 2);
  }
}

/** Where the nodes begin if they end at `end`; negative where there is too little room. */
function writeNodes(nodes: readonly WireNode[], end: number): number {
  let at = end;
  for (let index = nodes.length - 1; index >= 0 && at >= 0; index--) {
    const node = nodes[index];
    if (node !== undefined) at = isField(node) ? writeField(node, at) : writeBytes(node.raw, at);
  }
  return at;
}

function writeField({ field, wireType, bytes, varint, children }: WireField, end: number): number {
  let at = end;
  if (children !== undefined) at = writeNodes(children, at);
  else if (bytes !== undefined) at = writeBytes(bytes, at);
  else if (varint !== undefined) at = writeVarint(varint, at);
  if (at < 0) return at;
  if (wireType === 2) at = writeVarint(BigInt(end - at), at);
  return writeVarint((BigInt(field) << 3n) | BigInt(wireType), at);
}

function writeBytes(bytes: Buffer, end: number): number {
  const at = end - bytes.length;
  if (at >= 0) bytes.copy(scratch, at);
  return at;
}

function writeVarint(value: bigint, end: number): number {
  const bytes = varintBytes(value);
  return writeBytes(bytes, end);
}

export function varintBytes(value: bigint): Buffer {
  if (value < 128n) return oneByte[Number(value)] ?? Buffer.alloc(1);
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  bytes.push(Number(rest));
  return Buffer.from(bytes);
}

const oneByte = Array.from({ length: 128 }, (_, byte) => Buffer.of(byte));
