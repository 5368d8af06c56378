/** Index of the row nearest in time; -1 where there is none. `rows` in order of time. */
export function nearestIndex(rows: readonly { readonly tsMs: number }[], tsMs: number): number {
  let low = 0;
  let high = rows.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rows[middle]?.tsMs ?? 0) < tsMs) low = middle + 1;
    else high = middle;
  }
  const before = rows[low - 1];
  const at = rows[low];
  if (at === undefined) return -1;
  return before !== undefined && tsMs - before.tsMs < at.tsMs - tsMs ? low - 1 : low;
}

/** Moves labels of lines apart, top to bottom, so that none lies on another: y in pixels, `gap` the least distance, inside [0, bottom]. */
export function spread(ys: readonly number[], gap: number, bottom: number): number[] {
  const order = ys.map((y, index) => ({ y, index })).sort((left, right) => left.y - right.y);
  const placed = new Array<number>(ys.length).fill(0);
  let least = 0;
  for (const { y, index } of order) {
    placed[index] = Math.max(y, least);
    least = (placed[index] ?? 0) + gap;
  }
  let most = bottom;
  for (const { index } of order.toReversed()) {
    placed[index] = Math.min(placed[index] ?? 0, most);
    most = (placed[index] ?? 0) - gap;
  }
  return placed;
}
