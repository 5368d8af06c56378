import { noBytes } from '../draft.ts';
import { type PointTable, START_MS, START_NS, TIME_MS, TIME_NS } from '../pointTable.ts';
import type { Metric, PointContent, SentStream } from '../records.ts';
import { readStream, streamOfBytes } from './streams.ts';
import { advance, type Wire } from './wire.ts';

/** Tags of what the points of all kinds have, which differ in the numbers of attributes and flags (metrics.proto). */
const START = 0x11;
const TIME = 0x19;

/**
 * What all kinds of points have: stream, times and flags. One object a kind is used for point after point, so that none
 * costs an object.
 */
export class PointHeader {
  flags = 0;
  readonly #attributesTag: number;
  readonly #flagsTag: number;
  #metric: Metric | undefined;
  #stream: SentStream | undefined;
  #isScattered = false;
  #from = 0;
  #startAt = -1;
  #timeAt = -1;

  constructor(tags: { readonly attributes: number; readonly flags: number }) {
    this.#attributesTag = tags.attributes;
    this.#flagsTag = tags.flags;
  }

  /** The wire stands at the first field of a point. */
  begin(wire: Wire, metric: Metric): void {
    this.flags = 0;
    this.#metric = metric;
    this.#stream = undefined;
    this.#isScattered = false;
    this.#from = wire.reader.pos;
    this.#startAt = -1;
    this.#timeAt = -1;
  }

  /** Whether the field, whose tag was just read, is one of these; then it is read. */
  read(wire: Wire, tag: number): boolean {
    const { reader } = wire;
    if (tag === TIME) this.#timeAt = advance(reader, 8);
    else if (tag === START) this.#startAt = advance(reader, 8);
    else if (tag === this.#attributesTag) this.#readAttributes(wire, tag);
    else if (tag === this.#flagsTag) this.flags = reader.uint32();
    else return false;
    return true;
  }

  /** The wire stands behind the point's last field. */
  end(wire: Wire): SentStream {
    const metric = this.#metric;
    if (metric === undefined) throw new Error('a point ends that never began');
    if (this.#isScattered) return streamOfBytes(metric, this.#gather(wire));
    return this.#stream ?? streamOfBytes(metric, noBytes);
  }

  /** Writes the times to the columns that begin at `at`. */
  timesInto(wire: Wire, table: PointTable, at: number): void {
    const { numbers } = table;
    writeTime(numbers, at + START_MS, wire.view, this.#startAt);
    writeTime(numbers, at + TIME_MS, wire.view, this.#timeAt);
  }

  /** The same as members of a point. */
  baseOf(
    wire: Wire,
    stream: SentStream,
  ): Pick<PointContent, 'metric' | 'startTimeUnixNano' | 'timeUnixNano' | 'flags'> {
    return {
      metric: stream.metric,
      startTimeUnixNano: timeAt(wire, this.#startAt),
      timeUnixNano: timeAt(wire, this.#timeAt),
      flags: this.flags,
    };
  }

  #readAttributes(wire: Wire, tag: number): void {
    const { reader, raw } = wire;
    if (this.#stream !== undefined || raw[reader.pos - 1] !== tag) {
      this.#isScattered = true;
      reader.skipType(2);
      return;
    }
    reader.pos -= 1;
    if (this.#metric !== undefined) this.#stream = readStream(wire, this.#metric, tag);
  }

  /** The attributes of a point in one row, wherever they stand in it. */
  #gather(wire: Wire): Uint8Array {
    const { reader, raw } = wire;
    const parts: Uint8Array[] = [];
    for (reader.pos = this.#from; reader.pos < reader.len; ) {
      const tag = reader.tag();
      const start = reader.pos;
      reader.skipType(tag & 7);
      if (tag === this.#attributesTag) parts.push(Uint8Array.of(tag), raw.subarray(start, reader.pos));
    }
    return Buffer.concat(parts);
  }
}

function timeAt({ view }: Wire, at: number): bigint {
  return at < 0 ? 0n : view.getBigUint64(at, true);
}

/** 64 bits of nanoseconds as whole milliseconds and the rest; exact, since 2^32 = 4,294 million + 967,296. */
function writeTime(numbers: Float64Array, at: number, view: DataView, from: number): void {
  if (from < 0) {
    numbers[at] = 0;
    numbers[at + 1] = 0;
    return;
  }
  const high = view.getUint32(from + 4, true);
  const rest = high * 967_296 + view.getUint32(from, true);
  const ms = Math.floor(rest / 1_000_000);
  numbers[at] = high * 4_294 + ms;
  numbers[at + 1] = rest - ms * 1_000_000;
}

// The nanoseconds of a time stand behind its milliseconds.
if (TIME_NS !== TIME_MS + 1 || START_NS !== START_MS + 1) throw new Error('columns of a time must be neighbours');
