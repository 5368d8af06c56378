import { MAX_BLOCK_STREAMS, placeOf, type StreamEntry } from '../aggregate/block.ts';
import { StreamBlock } from '../aggregate/streamBlock.ts';
import { WindowCell } from '../aggregate/windowCell.ts';
import type { CuratedSpan } from '../curate/curated.ts';
import type { LogRow } from '../store/events.ts';
import {
  BlockSlot,
  evict,
  type Family,
  leafOf,
  type Memory,
  type Node,
  nodeKey,
  type SeriesSlot,
  type SourceSlot,
  windowKey,
  windowOf,
} from './memory.ts';
import type { SourceHistory } from './sources.ts';
import { PointTally, Tally } from './tally.ts';

/** Deepest split: 2^20 blocks of one family are far beyond its 2,000 streams; equal digests cannot be told apart by splitting. */
const MAX_DEPTH = 20;

/** Each draft has a number of its own, under which slots of the memory keep what it changed; a dropped draft's number is never asked for again. */
let drafts = 0;

/**
 * A batch's effect, computed beside the committed state (design §5). It is written in one transaction and only then folded into memory, or
 * dropped without a trace.
 */
export class Draft {
  readonly number = ++drafts;
  /** Blocks that this batch changed or added. */
  readonly opened: BlockSlot[] = [];
  /** Blocks that are new with this batch, by owner and `nodeKey`. */
  readonly added = new Map<string, Map<string, BlockSlot>>();
  readonly windows = new Map<number, WindowCell>();
  /** Sources that changed, and all that this batch's points asked for. */
  readonly sources: SourceSlot[] = [];
  readonly touched: SourceSlot[] = [];
  /** How often any of them changed. */
  sourceChanges = 0;
  readonly logs: LogRow[] = [];
  readonly spans: CuratedSpan[] = [];
  readonly tally = new Tally();
  readonly points = new PointTally();
  /** Windows that may lie in the database and must be read before this batch can be built. */
  readonly missing = new Set<number>();
  /** Streams that this batch added, by owner. */
  readonly newStreams = new Map<string, number>();
  /** Windows of minutes before this one are late: computed from this batch alone, and written as parts of their own (docs/adr/0010). */
  readonly lateBeforeMs: number;
  readonly #checked: ReadonlySet<number>;
  readonly #memory: Memory;

  constructor(memory: Memory, checked: ReadonlySet<number>, lateBeforeMs: number) {
    this.#memory = memory;
    this.#checked = checked;
    this.lateBeforeMs = lateBeforeMs;
  }

  /** The block that holds the stream, or would. */
  leaf(owner: string, stream: string): BlockSlot | undefined {
    const family = this.#memory.families.get(owner);
    const added = this.added.get(owner);
    return leafOf(
      (key) => added?.get(key) ?? family?.slots.get(key),
      (slot) => this.nodeOf(slot).isSplit,
      stream,
    );
  }

  /** The block as this batch sees it. */
  nodeOf(slot: BlockSlot): Node {
    return slot.draftNumber === this.number && slot.draft !== undefined ? slot.draft : slot.committed;
  }

  /** The copy of the block that this batch may change. */
  open(slot: BlockSlot): Node {
    if (slot.draftNumber === this.number && slot.draft !== undefined) return slot.draft;
    const { committed } = slot;
    const { streams } = committed;
    const node = { ...committed, streams: streams.copy(this.#memory.spares.take(streams.rows.length)) };
    this.#put(slot, node);
    return node;
  }

  /** Streams of the family, this batch's new ones included. */
  streamCount(owner: string): number {
    return (this.#memory.families.get(owner)?.size ?? 0) + (this.newStreams.get(owner) ?? 0);
  }

  /** Keeps a stream's new state; a block that has grown too large is split by the next bit of its streams' digests. */
  setStream(owner: string, stream: string, entry: StreamEntry, timeUnixNano: bigint): void {
    const slot = this.leaf(owner, stream) ?? this.#addBlock(rootOf(owner, timeUnixNano));
    const node = this.open(slot);
    const before = node.streams.size;
    node.streams.set(stream, entry);
    if (node.streams.size > before) this.newStreams.set(owner, (this.newStreams.get(owner) ?? 0) + 1);
    const current = timeUnixNano < node.firstTime ? { ...node, firstTime: timeUnixNano } : node;
    slot.draft = current;
    if (current.streams.size > MAX_BLOCK_STREAMS && current.depth < MAX_DEPTH) this.#split(slot, current);
  }

  /** The window of a series' minute, to add to. */
  cell(slot: SeriesSlot, minuteMs: number): WindowCell {
    if (slot.cellDraft === this.number && slot.cellMinuteMs === minuteMs && slot.cell !== undefined) return slot.cell;
    const key = windowKey(slot.idAt(minuteMs), minuteMs);
    const known = this.windows.get(key);
    const cell = known ?? new WindowCell(this.#committedWindow(key));
    if (known === undefined) this.windows.set(key, cell);
    slot.cell = cell;
    slot.cellDraft = this.number;
    slot.cellMinuteMs = minuteMs;
    return cell;
  }

  historyOf(slot: SourceSlot): SourceHistory {
    if (slot.touchedBy !== this.number) {
      slot.touchedBy = this.number;
      this.touched.push(slot);
    }
    return slot.draftNumber === this.number ? slot.draft : slot.committed;
  }

  setHistory(slot: SourceSlot, history: SourceHistory): void {
    this.sourceChanges += 1;
    if (slot.draftNumber !== this.number) this.sources.push(slot);
    slot.draftNumber = this.number;
    slot.draft = history;
  }

  /** A window that may lie in the database, but is neither in memory nor among the `checked` ones, goes to `missing`: read it and build again. */
  #committedWindow(key: number) {
    if (windowOf(key).minuteMs < this.lateBeforeMs) return undefined;
    const window = this.#memory.windows.get(key);
    if (window === undefined && !this.#checked.has(key) && this.#memory.evictedMinutes.has(windowOf(key).minuteMs))
      this.missing.add(key);
    return window;
  }

  #put(slot: BlockSlot, node: Node): void {
    if (slot.draftNumber !== this.number) this.opened.push(slot);
    slot.draftNumber = this.number;
    slot.draft = node;
  }

  #addBlock(node: Node): BlockSlot {
    const slot = new BlockSlot(node, false);
    const added = this.added.get(node.owner) ?? new Map<string, BlockSlot>();
    this.added.set(node.owner, added.set(nodeKey(node.depth, node.prefix), slot));
    this.#put(slot, node);
    return slot;
  }

  /** Both halves exist from then on, also an empty one: a stream that belongs there must not fall back to the split block. */
  #split(slot: BlockSlot, node: Node): void {
    const depth = node.depth + 1;
    const byPlace = Map.groupBy(node.streams, ([stream]) => placeOf(stream, depth));
    this.#put(slot, { ...node, isSplit: true, streams: new StreamBlock() });
    for (const prefix of [node.prefix * 2, node.prefix * 2 + 1]) {
      const streams = StreamBlock.from(byPlace.get(prefix) ?? []);
      const child = { ...node, depth, prefix, isSplit: false, version: 0, streams };
      const childSlot = this.#addBlock(child);
      if (streams.size > MAX_BLOCK_STREAMS && depth < MAX_DEPTH) this.#split(childSlot, child);
    }
  }
}

function rootOf(owner: string, firstTime: bigint): Node {
  return { owner, depth: 0, prefix: 0, isSplit: false, version: 0, firstTime, streams: new StreamBlock() };
}

/** After the commit: what the draft holds is now the committed state. */
export function foldDraft(memory: Memory, draft: Draft): void {
  const owners = new Set<string>();
  for (const slot of draft.opened) {
    if (slot.draft === undefined) continue;
    const { rows } = slot.committed.streams;
    if (rows !== slot.draft.streams.rows) memory.spares.give(rows);
    slot.committed = { ...slot.draft, version: slot.draft.version + 1 };
    slot.draft = undefined;
    slot.isLive = true;
    owners.add(slot.committed.owner);
  }
  for (const owner of owners) {
    const family: Family = memory.families.get(owner) ?? { slots: new Map(), size: 0 };
    for (const [key, slot] of draft.added.get(owner) ?? []) family.slots.set(key, slot);
    family.size += draft.newStreams.get(owner) ?? 0;
    // Last is most recent.
    memory.families.delete(owner);
    memory.families.set(owner, family);
  }
  for (const [key, cell] of draft.windows) {
    // What is held of it stays true: a late part is a row of its own.
    if (windowOf(key).minuteMs < draft.lateBeforeMs) continue;
    memory.windows.delete(key);
    memory.windows.set(key, cell.finish());
  }
  for (const slot of draft.sources) slot.committed = slot.draft;
  evict(memory);
}
