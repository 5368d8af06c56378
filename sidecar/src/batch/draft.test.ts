import { hash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { MAX_BLOCK_STREAMS, type StreamEntry } from '../aggregate/block.ts';
import { Draft, foldDraft } from './draft.ts';
import { createMemory, type Memory, type Node } from './memory.ts';

const OWNER = '0'.repeat(32);

function entry(value: number): StreamEntry {
  return { kind: 'additiveGauge', time: 60_000_000_000n, value, isMarked: false };
}

/** Streams with digests as they are in life: evenly spread. */
const streams = Array.from({ length: 500 }, (_, index) => hash('sha256', `stream ${index}`).slice(0, 32));

function filled(memory: Memory, batches: number): Draft {
  let draft = new Draft(memory, new Set(), Number.NEGATIVE_INFINITY);
  streams.forEach((stream, index) => {
    if (index % Math.ceil(streams.length / batches) === 0 && index > 0) {
      foldDraft(memory, draft);
      draft = new Draft(memory, new Set(), Number.NEGATIVE_INFINITY);
    }
    draft.setStream(OWNER, stream, entry(index), BigInt(1_000 - index));
  });
  return draft;
}

function stateOf(draft: Draft, stream: string): StreamEntry | undefined {
  const slot = draft.leaf(OWNER, stream);
  return slot === undefined ? undefined : draft.nodeOf(slot).streams.get(stream);
}

function nodesOf(memory: Memory): Node[] {
  return [...(memory.families.get(OWNER)?.slots.values() ?? [])].map((slot) => slot.committed);
}

describe('a family of stream-state blocks (design §5)', () => {
  for (const batches of [1, 7]) {
    it(`is split by the next bit of the digests and every stream is found again, in ${batches} batches`, () => {
      const memory = createMemory(1);
      const draft = filled(memory, batches);
      streams.forEach((stream, index) => {
        expect(stateOf(draft, stream)).toEqual(entry(index));
      });
      expect(draft.streamCount(OWNER)).toBe(streams.length);
      foldDraft(memory, draft);
      for (const node of nodesOf(memory)) {
        expect(node.streams.size).toBeLessThanOrEqual(MAX_BLOCK_STREAMS);
        if (node.isSplit) expect(node.streams.size).toBe(0);
      }
    });
  }

  it('keeps the earliest point time of the family in both halves', () => {
    const memory = createMemory(1);
    foldDraft(memory, filled(memory, 1));
    const leaves = nodesOf(memory).filter((node) => !node.isSplit);
    expect(leaves.length).toBeGreaterThan(1);
    for (const leaf of leaves) expect(leaf.firstTime).toBeLessThanOrEqual(1_000n - 64n);
  });

  it('leaves the committed state as it was until the draft is folded in', () => {
    const memory = createMemory(1);
    foldDraft(memory, filled(memory, 1));
    const [stream = ''] = streams;
    const draft = new Draft(memory, new Set(), Number.NEGATIVE_INFINITY);
    draft.setStream(OWNER, stream, entry(99), 5n);
    expect(stateOf(new Draft(memory, new Set(), Number.NEGATIVE_INFINITY), stream)).toEqual(entry(0));
    expect(stateOf(draft, stream)).toEqual(entry(99));
  });
});
