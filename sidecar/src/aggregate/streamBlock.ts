import { Buffer } from 'node:buffer';
import { beginBlock, DIGEST_BYTES, decodeBlock, type StreamEntry, writeKind, writeStream } from './block.ts';
import { ByteWriter } from './bytes.ts';
import { type BoundsTable, writeBounds } from './distributionBytes.ts';
import {
  isSameLayout,
  layoutOf,
  type RowLayout,
  readRow,
  STATE_BUCKETS,
  STATE_START_MS,
  STATE_SUM,
  STATE_TIME_MS,
  STATE_VALUE,
  writeRow,
} from './rowLayout.ts';
import type { Sequence } from './sequences.ts';

const FIRST_ROWS = 4;
/** Of an explicit histogram in the bytes of a state. */
const EXPLICIT_LAYOUT = 1;
/** What a block begins with. One for all, and never changed: a copy takes what it holds from another block. */
const nothing = {
  rows: new Float64Array(0),
  digests: [] as string[],
  digestBytes: new Uint8Array(0),
  rowOf: new Map<string, number>(),
  others: new Map<string, StreamEntry>(),
  older: new Map<number, readonly Sequence<unknown>[]>(),
};
const noOlder: readonly Sequence<unknown>[] = Object.freeze([]);

/**
 * The streams of one block of state. Those that fit the block's layout are rows of numbers, which a batch changes without an object a stream;
 * the others are states. A batch changes a copy: rows are copied at once, the rest when it first changes.
 */
export class StreamBlock {
  /** Of the rows; undefined while there are none. */
  layout: RowLayout | undefined;
  rows: Float64Array = nothing.rows;
  /** The stream of each row; '' where a stream left its row. */
  #digests = nothing.digests;
  /** The same as bytes, which is how they are written. */
  #digestBytes = nothing.digestBytes;
  #rowOf = nothing.rowOf;
  #others = nothing.others;
  /** Earlier starts of rows. */
  #older = nothing.older;
  /** With the block that this one is a copy of, or with all blocks that hold nothing. */
  #isShared = true;

  static from(streams: Iterable<readonly [string, StreamEntry]>): StreamBlock {
    const block = new StreamBlock();
    for (const [stream, state] of streams) block.set(stream, state);
    return block;
  }

  static decode(bytes: Uint8Array): StreamBlock {
    return StreamBlock.from(decodeBlock(bytes));
  }

  get size(): number {
    return this.#rowOf.size + this.#others.size;
  }

  /** `room`: an array of the same length to copy the rows into, where one is to spare. */
  copy(room: Float64Array | undefined): StreamBlock {
    const copy = new StreamBlock();
    copy.layout = this.layout;
    if (room !== undefined && room.length === this.rows.length && room !== this.rows) {
      room.set(this.rows);
      copy.rows = room;
    } else copy.rows = this.rows.slice();
    copy.#digests = this.#digests;
    copy.#digestBytes = this.#digestBytes;
    copy.#rowOf = this.#rowOf;
    copy.#others = this.#others;
    copy.#older = this.#older;
    return copy;
  }

  /** Where the stream's row begins in `rows`; -1 where it has none. */
  offsetOf(stream: string): number {
    const row = this.#rowOf.get(stream);
    return row === undefined || this.layout === undefined ? -1 : row * this.layout.width;
  }

  /** Whether the row that begins at `at` is the stream's. */
  isRowOf(at: number, stream: string): boolean {
    return this.layout !== undefined && this.#digests[at / this.layout.width] === stream;
  }

  get(stream: string): StreamEntry | undefined {
    const row = this.#rowOf.get(stream);
    if (row === undefined || this.layout === undefined) return this.#others.get(stream);
    return readRow(this.rows, row * this.layout.width, this.layout, this.#older.get(row) ?? noOlder);
  }

  set(stream: string, state: StreamEntry): void {
    this.#own();
    const layout = layoutOf(state);
    if (layout === undefined || (this.layout !== undefined && !isSameLayout(this.layout, layout))) {
      this.#leaveRow(stream);
      this.#others.set(stream, state);
      return;
    }
    this.#others.delete(stream);
    this.layout ??= layout;
    const row = this.#rowOf.get(stream) ?? this.#addRow(stream, this.layout.width);
    const older = writeRow(this.rows, row * this.layout.width, state);
    if (older.length > 0) this.#older.set(row, older);
    else this.#older.delete(row);
  }

  *[Symbol.iterator](): Generator<[string, StreamEntry]> {
    for (const stream of this.#rowOf.keys()) {
      const state = this.get(stream);
      if (state !== undefined) yield [stream, state];
    }
    yield* this.#others;
  }

  /** The bytes that `decodeBlock` reads. */
  encode(): Uint8Array {
    const writer = new ByteWriter();
    this.encodeInto(writer);
    return writer.finish();
  }

  /** Appends the same bytes. */
  encodeInto(writer: ByteWriter): void {
    const table: BoundsTable = [];
    beginBlock(writer);
    const { layout } = this;
    if (layout !== undefined) {
      for (let row = 0; row < this.#digests.length; row += 1) {
        const stream = this.#digests[row];
        if (stream === undefined || stream === '') continue;
        const state = this.#older.has(row) ? this.get(stream) : undefined;
        if (state === undefined) this.#writeRow(writer, layout, row, table);
        else writeStream(writer, stream, state, table);
      }
    }
    for (const [stream, state] of this.#others) writeStream(writer, stream, state, table);
  }

  /** What `writeStream` writes of the row's state. */
  #writeRow(writer: ByteWriter, layout: RowLayout, row: number, table: BoundsTable): void {
    const { rows } = this;
    const at = row * layout.width;
    writer.bytes(this.#digestBytes, row * DIGEST_BYTES, (row + 1) * DIGEST_BYTES);
    writeKind(writer, layout.kind);
    if (layout.kind !== 'additiveGauge') {
      // No start in a row that was its own time, and no earlier starts.
      writer.byte(0);
      writer.byte(1);
      writer.timeAt(rows, at + STATE_START_MS);
    }
    writer.timeAt(rows, at + STATE_TIME_MS);
    writer.numberAt(rows, at + STATE_VALUE);
    if (layout.kind === 'additiveGauge') writer.byte(0);
    if (layout.kind !== 'cumulativeHistogram') return;
    writer.numberAt(rows, at + STATE_SUM);
    writer.byte(EXPLICIT_LAYOUT);
    writeBounds(writer, layout.bounds, table);
    writer.varint(layout.width - STATE_BUCKETS);
    writer.byte(0);
    writer.varintsAt(rows, at + STATE_BUCKETS, at + layout.width);
  }

  #own(): void {
    if (!this.#isShared) return;
    this.#digests = [...this.#digests];
    this.#digestBytes = this.#digestBytes.slice();
    this.#rowOf = new Map(this.#rowOf);
    this.#others = new Map(this.#others);
    this.#older = new Map(this.#older);
    this.#isShared = false;
  }

  #addRow(stream: string, width: number): number {
    const hole = this.#digests.indexOf('');
    const row = hole < 0 ? this.#digests.length : hole;
    if ((row + 1) * width > this.rows.length) {
      const grown = new Float64Array(Math.max(FIRST_ROWS * width, this.rows.length * 2));
      grown.set(this.rows);
      this.rows = grown;
    }
    this.#digests[row] = stream;
    if ((row + 1) * DIGEST_BYTES > this.#digestBytes.length) {
      const grown = new Uint8Array(Math.max(FIRST_ROWS * DIGEST_BYTES, this.#digestBytes.length * 2));
      grown.set(this.#digestBytes);
      this.#digestBytes = grown;
    }
    this.#digestBytes.set(Buffer.from(stream, 'hex'), row * DIGEST_BYTES);
    this.#rowOf.set(stream, row);
    return row;
  }

  #leaveRow(stream: string): void {
    const row = this.#rowOf.get(stream);
    if (row === undefined) return;
    this.#rowOf.delete(stream);
    this.#older.delete(row);
    this.#digests[row] = '';
  }
}
