/** The few forms of the protobuf wire that the loads are made of, written in the order in which the collector writes them. Field number 0 gives the bare value behind one byte. */

export interface IntValue {
  readonly int: number;
}

function varintBytes(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
  return bytes;
}

export function varint(field: number, value: number): Buffer {
  return Buffer.from([field << 3, ...varintBytes(value)]);
}

export function message(field: number, ...parts: readonly Uint8Array[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([Buffer.from([(field << 3) | 2, ...varintBytes(length)]), ...parts]);
}

export function text(field: number, value: string): Buffer {
  return message(field, Buffer.from(value));
}

export function fixed64(field: number, value: bigint): Buffer {
  const bytes = Buffer.alloc(9);
  bytes[0] = (field << 3) | 1;
  bytes.writeBigUInt64LE(value, 1);
  return bytes;
}

export function double(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(9);
  bytes[0] = (field << 3) | 1;
  bytes.writeDoubleLE(value, 1);
  return bytes;
}

export function packedFixed64(field: number, values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 8);
  values.forEach((value, index) => {
    bytes.writeBigUInt64LE(BigInt(value), index * 8);
  });
  return message(field, bytes);
}

/** KeyValues as a repeated field. */
export function attributeList(field: number, values: Readonly<Record<string, string | IntValue>>): Buffer {
  const parts = Object.entries(values).map(([key, value]) => {
    const any = typeof value === 'string' ? text(1, value) : varint(3, value.int);
    return message(field, text(1, key), message(2, any));
  });
  return Buffer.concat(parts);
}

/** Milliseconds since the epoch to nanoseconds. */
export function nanos(timeMs: number): bigint {
  return BigInt(timeMs) * 1_000_000n;
}
