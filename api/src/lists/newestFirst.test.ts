import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cutAt, newestFirst, piecesOf } from './newestFirst.ts';

const dayMs = 86_400_000;
const midnight = Date.parse('2026-03-10T00:00:00Z');

describe('a window is read in pieces of whole days, the newest first', () => {
  test('they meet without gap or overlap, and are cut at midnight UTC', () => {
    const windows = fc.record({
      fromMs: fc.integer({ min: midnight - 30 * dayMs, max: midnight - 1 }),
      toMs: fc.integer({ min: midnight, max: midnight + dayMs }),
      days: fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 5 }),
    });
    fc.assert(
      fc.property(windows, ({ days, ...window }) => {
        const pieces = piecesOf(window, null, days);
        expect(pieces[0]?.toMs).toBe(window.toMs);
        expect(pieces.at(-1)?.fromMs).toBe(window.fromMs);
        pieces.slice(1).forEach((piece, index) => {
          expect(piece.toMs).toBe(pieces[index]?.fromMs);
          expect(piece.toMs % dayMs).toBe(0);
        });
        for (const { fromMs, toMs } of pieces) expect(toMs).toBeGreaterThan(fromMs);
        expect(pieces.length).toBeLessThanOrEqual(days.length + 1);
      }),
    );
  });

  test('a page that follows another begins at its last row', () => {
    const window = { fromMs: midnight - 3 * dayMs, toMs: midnight };
    const after = { tsMicros: String((midnight - 2 * dayMs) * 1000 + 999) };
    expect(piecesOf(window, after, [1])).toEqual([
      { fromMs: midnight - 2 * dayMs, toMs: midnight - 2 * dayMs + 1 },
      { fromMs: midnight - 3 * dayMs, toMs: midnight - 2 * dayMs },
    ]);
  });

  test('the piece that a time lies within is cut there, others stay', () => {
    const pieces = [
      { fromMs: 20, toMs: 30 },
      { fromMs: 10, toMs: 20 },
    ];
    expect(cutAt(pieces, 13)).toEqual([pieces[0], { fromMs: 13, toMs: 20 }, { fromMs: 10, toMs: 13 }]);
    for (const edge of [5, 10, 20, 30, 40]) expect(cutAt(pieces, edge)).toEqual(pieces);
  });

  test('no more is read than is wanted', async () => {
    const pieces = [3, 2, 1].map((day) => ({ fromMs: day, toMs: day + 1 }));
    const asked: [number, number][] = [];
    const read = async ({ fromMs }: { fromMs: number }, wanted: number) => {
      asked.push([fromMs, wanted]);
      return [fromMs, fromMs];
    };
    expect(await newestFirst(pieces, 4, read)).toEqual([3, 3, 2, 2]);
    expect(asked).toEqual([
      [3, 4],
      [2, 2],
    ]);
  });
});
