/** A point of a line: ms since the epoch, and the value in the line's unit. */
export interface Point {
  readonly tsMs: number;
  readonly value: number;
}

export interface Runs {
  /** Complete windows, a list for each stretch without a gap. */
  readonly solid: readonly (readonly Point[])[];
  /** From the last complete window to the open one; empty where there is none. */
  readonly open: readonly Point[];
}

/**
 * Cuts windows into the stretches that a line may be drawn through: a window without a value, or none at all for more than one step, is a gap
 * and stays one. `rows` in order of time.
 */
export function runsOf<R extends { readonly tsMs: number; readonly isOpen: boolean }>(
  rows: readonly R[],
  stepMs: number,
  read: (row: R) => number | null,
): Runs {
  const solid: Point[][] = [];
  let run: Point[] = [];
  let open: Point[] = [];
  for (const row of rows) {
    const value = read(row);
    const last = run.at(-1);
    const isApart = last !== undefined && row.tsMs - last.tsMs > stepMs * 1.5;
    if (value === null || isApart) {
      if (run.length > 0) solid.push(run);
      run = [];
    }
    if (value === null) continue;
    const point = { tsMs: row.tsMs, value };
    if (row.isOpen) open = [...run.slice(-1), point];
    else run.push(point);
  }
  if (run.length > 0) solid.push(run);
  return { solid, open };
}
