import { describe, expect, it } from 'vitest';
import { SpareRows } from './spareRows.ts';

describe('rows to copy into', () => {
  it('are given out once, by their exact length', () => {
    const spares = new SpareRows();
    const rows = new Float64Array(12);
    spares.give(rows);
    expect(spares.take(11)).toBeUndefined();
    expect(spares.take(12)).toBe(rows);
    expect(spares.take(12)).toBeUndefined();
  });

  it('make room for the lengths of now when others fill the memory', () => {
    const spares = new SpareRows();
    for (let index = 0; index < 2_000; index += 1) spares.give(new Float64Array(1_000));
    const rows = new Float64Array(500_000);
    spares.give(rows);
    expect(spares.take(500_000)).toBe(rows);
    let kept = 0;
    while (spares.take(1_000) !== undefined) kept += 1;
    expect(kept).toBeLessThanOrEqual(1_048);
  });
});
