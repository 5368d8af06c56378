import { Message } from '@command-center/sidecar/decode/testing/encodeProtobuf';

/** A request of `count` log records of WARN, each with a time of its own, written fast. `textBytes`: of each message. */
export function manyLogs(service: string, count: number, textBytes: number, fromMs: number): Buffer {
  const record = new Message().child(2, (child) => writeRecord(child, textBytes)).finish();
  const timeAt = Buffer.from(record).indexOf(TIME);
  const records = Buffer.alloc(record.length * count, record);
  for (let index = 0; index < count; index++) {
    const timeNs = BigInt(fromMs) * 1_000_000n + BigInt(index);
    records.writeBigUInt64LE(timeNs, index * record.length + timeAt);
  }
  const resource = new Message().child(1, (child) => {
    child.child(1, (attribute) => attribute.text(1, 'service.name').child(2, (value) => value.text(1, service)));
  });
  const scope = framed(2, records);
  return framed(1, Buffer.concat([resource.finish(), scope]));
}

const TIME = Buffer.from('0123456789abcdef', 'hex');

function writeRecord(message: Message, textBytes: number): void {
  message.fixed64(1, TIME.readBigUInt64LE()).varint(2, 13n);
  message.child(5, (body) => body.text(1, 'pool exhausted '.repeat(Math.ceil(textBytes / 15)).slice(0, textBytes)));
  for (const [key, value] of [
    ['exception.type', 'TimeoutError'],
    ['target', 'pool'],
  ] as const)
    message.child(6, (attribute) => attribute.text(1, key).child(2, (inner) => inner.text(1, value)));
}

function framed(field: number, content: Buffer): Buffer {
  const head = new Message();
  head.varints([(field << 3) | 2, content.length]);
  return Buffer.concat([head.finish(), content]);
}
