import { placeOf } from '../aggregate/block.ts';
import { StreamBlock } from '../aggregate/streamBlock.ts';
import type { Window } from '../aggregate/window.ts';
import type { WindowCell } from '../aggregate/windowCell.ts';
import type { BlockRow } from '../store/blocks.ts';
import type { SourceHistory } from './sources.ts';
import { SpareRows } from './spareRows.ts';

/**
 * The committed state a sidecar holds in memory: a copy of what Postgres has, never ahead of it. A batch reads it and writes beside it (draft.ts);
 * only a commit changes it. All of it may be dropped at any time and is read again (design §5).
 */
export interface Memory {
  /** From a sequence at every start and after every doubtful commit; never reused. */
  readonly writer: number;
  /** Windows kept; MAX_WINDOWS but in tests. */
  readonly maxWindows: number;
  readonly families: Map<string, Family>;
  readonly windows: Map<number, Window>;
  /** Minutes of which a window was evicted: there, one that is not in memory may lie in the database. */
  readonly evictedMinutes: Set<number>;
  readonly series: Map<string, SeriesSlot>;
  /** By holder and metric. */
  readonly sources: Map<string, SourceSlot>;
  /** Holders whose sources were read. */
  readonly holders: Set<string>;
  readonly days: Set<number>;
  /** Rows of versions that were followed by another, to copy the next ones into. */
  readonly spares: SpareRows;
}

/** The blocks of one (resource, scope, metric), by `nodeKey`: a binary tree whose inner nodes are split blocks. */
export interface Family {
  readonly slots: Map<string, BlockSlot>;
  /** Streams in all of them. */
  size: number;
}

/** A block in memory. `version` 0 = not in the database yet. */
export interface Node {
  readonly owner: string;
  readonly depth: number;
  readonly prefix: number;
  readonly isSplit: boolean;
  readonly version: number;
  /** Earliest committed point time, nanoseconds. */
  readonly firstTime: bigint;
  readonly streams: StreamBlock;
}

/** The place of a block in memory: what is committed of it, and the copy that the batch being built changes. */
export class BlockSlot {
  committed: Node;
  /** False once the family was dropped from memory: who remembers the slot looks its stream up again. */
  isLive: boolean;
  /** Of the draft with number `draftNumber`. */
  draft: Node | undefined;
  draftNumber = 0;

  constructor(node: Node, isLive: boolean) {
    this.committed = node;
    this.isLive = isLive;
  }
}

/** Where samples of one label set go. While the metric's budget is spent that is its overflow series. */
export class SeriesSlot {
  readonly id: number;
  /** Minutes before this one still belong to the overflow series: a stream changes series only at a minute's edge. */
  readonly fromMinuteMs: number;
  readonly overflowId: number | null;
  readonly isOverflow: boolean;
  /** When it was last admitted or refused, by this process's clock. */
  readonly askedAtMs: number;
  /** False once another slot took its place. */
  isLive = true;
  /** The window that the draft with number `cellDraft` last took from it. */
  cell: WindowCell | undefined;
  cellDraft = 0;
  cellMinuteMs = 0;

  constructor(slot: Pick<SeriesSlot, 'id' | 'fromMinuteMs' | 'overflowId' | 'isOverflow' | 'askedAtMs'>) {
    this.id = slot.id;
    this.fromMinuteMs = slot.fromMinuteMs;
    this.overflowId = slot.overflowId;
    this.isOverflow = slot.isOverflow;
    this.askedAtMs = slot.askedAtMs;
  }

  idAt(minuteMs: number): number {
    return minuteMs < this.fromMinuteMs && this.overflowId !== null ? this.overflowId : this.id;
  }
}

/** The sources of one holder and metric: committed, and as the batch being built sees them. */
export class SourceSlot {
  /** False once it was dropped from memory. */
  isLive = true;
  readonly holder: string;
  readonly metricName: string;
  committed: SourceHistory;
  draft: SourceHistory;
  draftNumber = 0;
  /** The catalogue's ranks of this competition, from the claim that asked last. */
  rankOf: (source: string) => number = () => 0;
  /** The draft that last asked for it. */
  touchedBy = 0;

  constructor(holder: string, metricName: string, history: SourceHistory) {
    this.holder = holder;
    this.metricName = metricName;
    this.committed = history;
    this.draft = history;
  }
}

/** Streams kept in memory (design §5); blocks are evicted least recent first. */
export const MAX_STREAMS = 300_000;
/** About seven hours of one minute's windows at 100 series; 30 MB with sketches. */
export const MAX_WINDOWS = 50_000;
/** Label sets remembered; more than the budgets of the whole catalogue admit. */
export const MAX_SERIES = 20_000;
export const MAX_HOLDERS = 20_000;

export function createMemory(writer: number, maxWindows = MAX_WINDOWS): Memory {
  return {
    writer,
    maxWindows,
    families: new Map(),
    windows: new Map(),
    evictedMinutes: new Set(),
    series: new Map(),
    sources: new Map(),
    holders: new Set(),
    days: new Set(),
    spares: new SpareRows(),
  };
}

/** Windows are looked up by number: 2^26 minutes reach past the year 2090. */
export function windowKey(seriesId: number, minuteMs: number): number {
  return seriesId * 2 ** 26 + minuteMs / 60_000;
}

export function windowOf(key: number): { readonly seriesId: number; readonly minuteMs: number } {
  const seriesId = Math.floor(key / 2 ** 26);
  return { seriesId, minuteMs: (key - seriesId * 2 ** 26) * 60_000 };
}

export function nodeKey(depth: number, prefix: number): string {
  return `${depth}/${prefix}`;
}

/** The block a stream belongs to, walking past split ones; undefined where the family has none yet. */
export function leafOf<T>(
  lookUp: (key: string) => T | undefined,
  isSplit: (found: T) => boolean,
  stream: string,
): T | undefined {
  for (let depth = 0; ; depth += 1) {
    const found = lookUp(nodeKey(depth, placeOf(stream, depth)));
    if (found === undefined || !isSplit(found)) return found;
  }
}

/** Puts a slot in the place of the one before. */
export function setSeries(memory: Memory, key: string, slot: SeriesSlot): void {
  const before = memory.series.get(key);
  if (before !== undefined) before.isLive = false;
  memory.series.set(key, slot);
}

/** Tells everyone who remembers a slot of this memory to look again elsewhere. */
export function retire(memory: Memory): void {
  for (const owner of [...memory.families.keys()]) dropFamily(memory, owner);
  for (const slot of memory.series.values()) slot.isLive = false;
  dropSources(memory);
}

function dropSources(memory: Memory): void {
  for (const slot of memory.sources.values()) slot.isLive = false;
  memory.holders.clear();
  memory.sources.clear();
}

/** The sources of a holder and metric, made where there are none yet. */
export function sourceSlot(memory: Memory, holder: string, metricName: string): SourceSlot {
  const key = `${holder}\n${metricName}`;
  const known = memory.sources.get(key);
  if (known !== undefined) return known;
  const slot = new SourceSlot(holder, metricName, []);
  memory.sources.set(key, slot);
  return slot;
}

/** Puts freshly read rows in the place of what was held of these owners. */
export function replaceFamilies(memory: Memory, owners: readonly string[], rows: readonly BlockRow[]): void {
  const byOwner = Map.groupBy(rows, (row) => row.owner);
  for (const owner of owners) {
    dropFamily(memory, owner);
    const family: Family = { slots: new Map(), size: 0 };
    for (const row of byOwner.get(owner) ?? []) {
      const streams = row.isSplit ? new StreamBlock() : StreamBlock.decode(row.state);
      const { depth, prefix, isSplit, version, firstTime } = row;
      family.slots.set(
        nodeKey(depth, prefix),
        new BlockSlot({ owner, depth, prefix, isSplit, version, firstTime, streams }, true),
      );
      family.size += streams.size;
    }
    memory.families.set(owner, family);
  }
}

/** Forgets what is held of an owner; it is read again when it is needed. */
export function dropFamily(memory: Memory, owner: string): void {
  for (const slot of memory.families.get(owner)?.slots.values() ?? []) slot.isLive = false;
  memory.families.delete(owner);
}

/** A family without a stream takes its room too: senders that only say that streams ended have nothing else. */
function weightOf({ size }: Family): number {
  return Math.max(size, 1);
}

/** Forgets the least recently used of whatever exceeds its bound. Only committed state is held, so nothing is lost. */
export function evict(memory: Memory): void {
  let streams = 0;
  for (const family of memory.families.values()) streams += weightOf(family);
  for (const [owner, family] of memory.families) {
    if (streams <= MAX_STREAMS) break;
    dropFamily(memory, owner);
    streams -= weightOf(family);
  }
  for (const key of memory.windows.keys()) {
    if (memory.windows.size <= memory.maxWindows) break;
    memory.windows.delete(key);
    memory.evictedMinutes.add(windowOf(key).minuteMs);
  }
  for (const [key, slot] of memory.series) {
    if (memory.series.size <= MAX_SERIES) break;
    slot.isLive = false;
    memory.series.delete(key);
  }
  if (memory.holders.size > MAX_HOLDERS) dropSources(memory);
}
