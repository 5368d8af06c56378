import { Message } from '@command-center/sidecar/decode/testing/encodeProtobuf';

/** Requests of many points of one metric, written fast: the points differ only in a name of 8 letters. */

export interface ManyPoints {
  readonly service: string;
  /** Tells senders of one service apart. */
  readonly instance: string;
  readonly metric: string;
  readonly unit: string;
  /** The attribute that runs away. */
  readonly attribute: string;
  /** Numbers of the names, `from` up to and without `to`. */
  readonly from: number;
  readonly to: number;
  readonly timeMs: number;
}

/** From g to z: of hexadecimal digits alone a name would be templated away. */
const LETTERS = 20;
const FIRST_LETTER = 'g'.charCodeAt(0);
const NAME = 'gggggggg';

/** Delta points of a monotonic sum, each with the value 1. */
export function manyPoints(request: ManyPoints): Buffer {
  const { from, to } = request;
  const point = new Message().child(1, (child) => writePoint(child, request)).finish();
  const nameAt = Buffer.from(point).indexOf(NAME);
  const points = Buffer.alloc(point.length * (to - from), point);
  for (let number = from; number < to; number++) {
    let rest = number;
    const end = (number - from) * point.length + nameAt + NAME.length;
    for (let at = end - 1; rest > 0; at--, rest = Math.floor(rest / LETTERS))
      points[at] = FIRST_LETTER + (rest % LETTERS);
  }
  const tail = new Message().varint(2, 1n).varint(3, 1n).finish();
  const sum = within(7, [points, tail]);
  const head = new Message().text(1, request.metric).text(3, request.unit).finish();
  return within(1, [resourceOf(request), within(2, [within(2, [head, sum])])]);
}

function writePoint(message: Message, { attribute, timeMs }: ManyPoints): void {
  const timeNs = BigInt(timeMs) * 1_000_000n;
  message
    .fixed64(2, timeNs - 10_000_000_000n)
    .fixed64(3, timeNs)
    .double(4, 1);
  writeAttribute(message, 7, attribute, NAME);
}

function resourceOf({ service, instance }: ManyPoints): Uint8Array {
  const resource = new Message();
  resource.child(1, (child) => {
    writeAttribute(child, 1, 'service.name', service);
    writeAttribute(child, 1, 'service.instance.id', instance);
  });
  return resource.finish();
}

function writeAttribute(message: Message, field: number, key: string, value: string): void {
  message.child(field, (child) => {
    child.text(1, key).child(2, (inner) => inner.text(1, value));
  });
}

function within(field: number, parts: readonly Uint8Array[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const head = new Message();
  head.varints([(field << 3) | 2, length]);
  return Buffer.concat([head.finish(), ...parts]);
}
