import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_PROBES } from '../../limits.ts';
import { type BytesEntry, BytesTable, hashOf } from './bytesTable.ts';

const parents = [{}, {}] as const;

function entry(parent: object, hash: number, at: number, length: number): BytesEntry {
  return { parent, hash, at, length, next: undefined };
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

describe('a table of values by their bytes', () => {
  it('finds what was kept under the same bytes and parent, and nothing else, at any place in its buffer', () => {
    const text = fc.uint8Array({ maxLength: 40 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(text, fc.nat({ max: 1 })), { maxLength: 60 }),
        fc.nat({ max: 7 }),
        (texts, shift) => {
          const table = new BytesTable<BytesEntry>(1_000, 100_000);
          const kept = new Map<string, BytesEntry>();
          for (const [bytes, index] of texts) {
            // As in a body: somewhere in the middle.
            const body = new Uint8Array(bytes.length + shift + 3);
            body.set(bytes, shift);
            const view = viewOf(body);
            const parent = parents[index] ?? parents[0];
            const hash = hashOf(view, shift, bytes.length);
            const key = `${index} ${bytes.join()}`;
            const found = table.find(parent, hash, view, shift, bytes.length);
            expect(found).toBe(kept.get(key));
            if (found !== undefined) continue;
            const at = table.keep(view, shift, bytes.length);
            if (at === undefined) throw new Error('there is room');
            const made = entry(parent, hash, at, bytes.length);
            table.add(made);
            kept.set(key, made);
            expect([...table.bytesOf(made)]).toEqual([...bytes]);
          }
        },
      ),
    );
  });

  it('is full at its number of entries and at its bytes', () => {
    const view = viewOf(new Uint8Array(8));
    const few = new BytesTable<BytesEntry>(1, 1_000);
    few.add(entry(parents[0], 1, few.keep(view, 0, 4) ?? 0, 4));
    expect(few.keep(view, 0, 4)).toBeUndefined();
    const small = new BytesTable<BytesEntry>(10, 12);
    expect(small.keep(view, 0, 8)).toBe(0);
    expect(small.keep(view, 0, 8)).toBeUndefined();
    expect(small.keep(view, 0, 4)).toBe(8);
  });

  it('looks at a bounded number of places, whatever hashes are chosen', () => {
    const table = new BytesTable<BytesEntry>(10_000, 1_000_000);
    const bytesOf = (index: number): DataView => viewOf(new Uint8Array(new Uint32Array([index, 7]).buffer));
    for (let index = 0; index <= MAX_PROBES; index += 1) {
      const view = bytesOf(index);
      table.add(entry(parents[0], 5, table.keep(view, 0, 8) ?? 0, 8));
    }
    expect(table.find(parents[0], 5, bytesOf(MAX_PROBES - 1), 0, 8)?.at).toBe((MAX_PROBES - 1) * 8);
    expect(table.find(parents[0], 5, bytesOf(MAX_PROBES), 0, 8)).toBeUndefined();
  });
});
