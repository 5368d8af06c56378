import { MAX_BLOCK_STREAMS, placeOf, type StreamEntry } from '../aggregate/block.ts';
import type { Window } from '../aggregate/window.ts';
import type { CuratedSpan } from '../curate/curated.ts';
import type { LogRow } from '../store/events.ts';
import { leafOf, type Memory, type Node, nodeKey, sizeOf, windowOf } from './memory.ts';
import type { SourceHistory } from './sources.ts';
import { Tally } from './tally.ts';

/** Deepest split: 2^20 blocks of one family are far beyond its 2,000 streams; equal digests cannot be told apart by splitting. */
const MAX_DEPTH = 20;

/**
 * A batch's effect, computed beside the committed state (design §5). It is written in one transaction and only then folded into memory, or
 * dropped without a trace.
 */
export class Draft {
  readonly nodes = new Map<string, Node>();
  readonly windows = new Map<number, Window>();
  readonly sources = new Map<string, SourceHistory>();
  readonly logs: LogRow[] = [];
  readonly spans: CuratedSpan[] = [];
  readonly tally = new Tally();
  readonly missing = new Set<number>();
  readonly #checked: ReadonlySet<number>;
  readonly #streamCounts = new Map<string, number>();
  readonly #memory: Memory;

  constructor(memory: Memory, checked: ReadonlySet<number>) {
    this.#memory = memory;
    this.#checked = checked;
  }

  /** The block that holds the stream, or would. */
  leaf(owner: string, stream: string): Node | undefined {
    const family = this.#memory.families.get(owner);
    return leafOf((key) => this.nodes.get(`${owner}/${key}`) ?? family?.get(key), stream);
  }

  /** Streams of the family, this batch's new ones included. */
  streamCount(owner: string): number {
    const known = this.#streamCounts.get(owner);
    if (known !== undefined) return known;
    const count = sizeOf(this.#memory.families.get(owner) ?? new Map());
    this.#streamCounts.set(owner, count);
    return count;
  }

  /** Keeps a stream's new state; a block that has grown too large is split by the next bit of its streams' digests. */
  setStream(owner: string, stream: string, entry: StreamEntry, timeUnixNano: bigint): void {
    const leaf = this.leaf(owner, stream);
    const node = this.#writable(
      leaf ?? { owner, depth: 0, prefix: 0, isSplit: false, version: 0, firstTime: timeUnixNano, streams: new Map() },
    );
    if (!node.streams.has(stream)) this.#streamCounts.set(owner, this.streamCount(owner) + 1);
    node.streams.set(stream, entry);
    const firstTime = timeUnixNano < node.firstTime ? timeUnixNano : node.firstTime;
    this.#put({ ...node, firstTime });
    if (node.streams.size > MAX_BLOCK_STREAMS && node.depth < MAX_DEPTH) this.#split({ ...node, firstTime });
  }

  /** A window that may lie in the database, but is neither in memory nor among the `checked` ones, goes to `missing`: read it and build again. */
  window(key: number): Window | undefined {
    const window = this.windows.get(key) ?? this.#memory.windows.get(key);
    if (window === undefined && !this.#checked.has(key) && this.#memory.evictedMinutes.has(windowOf(key).minuteMs))
      this.missing.add(key);
    return window;
  }

  sourceHistory(key: string): SourceHistory {
    return this.sources.get(key) ?? this.#memory.sources.get(key) ?? [];
  }

  #put(node: Node): void {
    this.nodes.set(`${node.owner}/${nodeKey(node.depth, node.prefix)}`, node);
  }

  /** A copy that this draft may change: the committed one stays as it is. */
  #writable(node: Node): Node & { readonly streams: Map<string, StreamEntry> } {
    const own = this.nodes.get(`${node.owner}/${nodeKey(node.depth, node.prefix)}`);
    if (own !== undefined && own.streams instanceof Map) return { ...own, streams: own.streams };
    return { ...node, streams: new Map(node.streams) };
  }

  /** Both halves exist from then on, also an empty one: a stream that belongs there must not fall back to the split block. */
  #split(node: Node): void {
    const depth = node.depth + 1;
    const byPlace = Map.groupBy(node.streams, ([stream]) => placeOf(stream, depth));
    this.#put({ ...node, isSplit: true, streams: new Map() });
    for (const prefix of [node.prefix * 2, node.prefix * 2 + 1]) {
      const child: Node = {
        ...node,
        depth,
        prefix,
        isSplit: false,
        version: 0,
        streams: new Map(byPlace.get(prefix) ?? []),
      };
      this.#put(child);
      if (child.streams.size > MAX_BLOCK_STREAMS && depth < MAX_DEPTH) this.#split(child);
    }
  }
}
