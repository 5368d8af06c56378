import { hash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { MAX_BLOCK_STREAMS, type StreamEntry } from '../aggregate/block.ts';
import { Draft } from './draft.ts';
import { createMemory, type Memory } from './memory.ts';
import { foldDraft } from './write.ts';

const OWNER = '0'.repeat(32);

function entry(value: number): StreamEntry {
  return { kind: 'additiveGauge', time: 60_000_000_000n, value, isMarked: false };
}

/** Streams with digests as they are in life: evenly spread. */
const streams = Array.from({ length: 500 }, (_, index) => hash('sha256', `stream ${index}`).slice(0, 32));

function filled(memory: Memory, batches: number): Draft {
  let draft = new Draft(memory, new Set());
  streams.forEach((stream, index) => {
    if (index % Math.ceil(streams.length / batches) === 0 && index > 0) {
      foldDraft(memory, draft);
      draft = new Draft(memory, new Set());
    }
    draft.setStream(OWNER, stream, entry(index), BigInt(1_000 - index));
  });
  return draft;
}

describe('a family of stream-state blocks (design §5)', () => {
  for (const batches of [1, 7]) {
    it(`is split by the next bit of the digests and every stream is found again, in ${batches} batches`, () => {
      const memory = createMemory(1);
      const draft = filled(memory, batches);
      streams.forEach((stream, index) => {
        expect(draft.leaf(OWNER, stream)?.streams.get(stream)).toEqual(entry(index));
      });
      expect(draft.streamCount(OWNER)).toBe(streams.length);
      foldDraft(memory, draft);
      for (const node of memory.families.get(OWNER)?.values() ?? []) {
        expect(node.streams.size).toBeLessThanOrEqual(MAX_BLOCK_STREAMS);
        if (node.isSplit) expect(node.streams.size).toBe(0);
      }
    });
  }

  it('keeps the earliest point time of the family in both halves', () => {
    const memory = createMemory(1);
    foldDraft(memory, filled(memory, 1));
    const leaves = [...(memory.families.get(OWNER)?.values() ?? [])].filter((node) => !node.isSplit);
    expect(leaves.length).toBeGreaterThan(1);
    for (const leaf of leaves) expect(leaf.firstTime).toBeLessThanOrEqual(1_000n - 64n);
  });

  it('leaves the committed state as it was until the draft is folded in', () => {
    const memory = createMemory(1);
    foldDraft(memory, filled(memory, 1));
    const [stream = ''] = streams;
    const draft = new Draft(memory, new Set());
    draft.setStream(OWNER, stream, entry(99), 5n);
    expect(new Draft(memory, new Set()).leaf(OWNER, stream)?.streams.get(stream)).toEqual(entry(0));
    expect(draft.leaf(OWNER, stream)?.streams.get(stream)).toEqual(entry(99));
  });
});
