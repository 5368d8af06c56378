import { decodeBlock, placeOf, type StreamEntry } from '../aggregate/block.ts';
import type { Window } from '../aggregate/window.ts';
import type { BlockRow } from '../store/blocks.ts';
import type { SourceHistory } from './sources.ts';

/**
 * The committed state a sidecar holds in memory: a copy of what Postgres has, never ahead of it. A batch reads it and writes beside it; only a
 * commit changes it. All of it may be dropped at any time and is read again (design §5).
 */
export interface Memory {
  /** From a sequence at every start and after every doubtful commit; never reused. */
  readonly writer: number;
  readonly families: Map<string, Family>;
  readonly windows: Map<number, Window>;
  /** Minutes of which a window was evicted: there, one that is not in memory may lie in the database. */
  readonly evictedMinutes: Set<number>;
  readonly series: Map<string, SeriesSlot>;
  readonly sources: Map<string, SourceHistory>;
  /** Holders whose sources were read, and at which newest minute of their data. */
  readonly holders: Map<string, number>;
  readonly days: Set<number>;
}

/** The blocks of one (resource, scope, metric), by `nodeKey`: a binary tree whose inner nodes are split blocks. */
export type Family = ReadonlyMap<string, Node>;

/** A block in memory. `version` 0 = not in the database yet. */
export interface Node {
  readonly owner: string;
  readonly depth: number;
  readonly prefix: number;
  readonly isSplit: boolean;
  readonly version: number;
  /** Earliest committed point time, nanoseconds. */
  readonly firstTime: bigint;
  readonly streams: ReadonlyMap<string, StreamEntry>;
}

/** Where samples of one label set go. While the metric's budget is spent that is its overflow series. */
export interface SeriesSlot {
  readonly id: number;
  /** Minutes before this one still belong to the overflow series: a stream changes series only at a minute's edge. */
  readonly fromMinuteMs: number;
  readonly overflowId: number | null;
  readonly isOverflow: boolean;
  /** When it was last admitted or refused, by this process's clock. */
  readonly askedAtMs: number;
}

/** Streams kept in memory (design §5); blocks are evicted least recent first. */
const MAX_STREAMS = 300_000;
/** About seven hours of one minute's windows at 100 series; 30 MB with sketches. */
const MAX_WINDOWS = 50_000;
/** Label sets remembered; more than the budgets of the whole catalogue admit. */
const MAX_SERIES = 20_000;
const MAX_HOLDERS = 20_000;

export function createMemory(writer: number): Memory {
  return {
    writer,
    families: new Map(),
    windows: new Map(),
    evictedMinutes: new Set(),
    series: new Map(),
    sources: new Map(),
    holders: new Map(),
    days: new Set(),
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
export function leafOf(lookUp: (key: string) => Node | undefined, stream: string): Node | undefined {
  for (let depth = 0; ; depth += 1) {
    const node = lookUp(nodeKey(depth, placeOf(stream, depth)));
    if (node === undefined || !node.isSplit) return node;
  }
}

/** Puts freshly read rows in the place of what was held of these owners. */
export function replaceFamilies(memory: Memory, owners: readonly string[], rows: readonly BlockRow[]): void {
  const byOwner = Map.groupBy(rows, (row) => row.owner);
  for (const owner of owners) {
    const nodes = (byOwner.get(owner) ?? []).map((row): [string, Node] => [
      nodeKey(row.depth, row.prefix),
      { ...row, streams: row.isSplit ? new Map() : decodeBlock(row.state) },
    ]);
    memory.families.delete(owner);
    memory.families.set(owner, new Map(nodes));
  }
}

/** Forgets the least recently used of whatever exceeds its bound. Only committed state is held, so nothing is lost. */
export function evict(memory: Memory): void {
  let streams = 0;
  for (const family of memory.families.values()) streams += sizeOf(family);
  for (const [owner, family] of memory.families) {
    if (streams <= MAX_STREAMS) break;
    memory.families.delete(owner);
    streams -= sizeOf(family);
  }
  for (const key of memory.windows.keys()) {
    if (memory.windows.size <= MAX_WINDOWS) break;
    memory.windows.delete(key);
    memory.evictedMinutes.add(windowOf(key).minuteMs);
  }
  for (const key of memory.series.keys()) {
    if (memory.series.size <= MAX_SERIES) break;
    memory.series.delete(key);
  }
  if (memory.holders.size > MAX_HOLDERS) {
    memory.holders.clear();
    memory.sources.clear();
  }
}

/** Streams of a family. */
export function sizeOf(family: Family): number {
  let size = 0;
  for (const node of family.values()) size += node.streams.size;
  return size;
}
