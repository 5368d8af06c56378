import type { Point } from './runs.ts';

/**
 * The path of a line through `points` (SVG, pixels). Where several points share a column of pixels only its first, lowest, highest and last are
 * drawn, which looks the same (M4: Jugel et al., VLDB 2014).
 */
export function linePath(points: readonly Point[], x: (ms: number) => number, y: (value: number) => number): string {
  let path = '';
  let column: Column | null = null;
  for (const { tsMs, value } of points) {
    const px = x(tsMs);
    const py = y(value);
    const at = Math.round(px);
    if (column !== null && column.at === at) {
      add(column, px, py);
      continue;
    }
    if (column !== null) path += columnPath(column, path === '');
    column = { at, firstX: px, firstY: py, lastX: px, lastY: py, lowY: py, highY: py, count: 1 };
  }
  return column === null ? path : path + columnPath(column, path === '');
}

interface Column {
  readonly at: number;
  readonly firstX: number;
  readonly firstY: number;
  lastX: number;
  lastY: number;
  lowY: number;
  highY: number;
  count: number;
}

function add(column: Column, px: number, py: number): void {
  column.lastX = px;
  column.lastY = py;
  column.lowY = Math.min(column.lowY, py);
  column.highY = Math.max(column.highY, py);
  column.count += 1;
}

function columnPath({ firstX, firstY, lastX, lastY, lowY, highY, count }: Column, isFirst: boolean): string {
  const start = `${isFirst ? 'M' : 'L'}${tenth(firstX)},${tenth(firstY)}`;
  if (count === 1) return start;
  const end = `L${tenth(lastX)},${tenth(lastY)}`;
  return count === 2 ? start + end : `${start}V${tenth(lowY)}V${tenth(highY)}${end}`;
}

/** A window of a layer: from `lower` to `upper` in the chart's unit. */
export interface Block {
  readonly tsMs: number;
  readonly lower: number;
  readonly upper: number;
}

/**
 * The outline of a layer whose windows each are as wide as they last (`stepMs`), so that a lone one is seen and a gap stays one. `blocks` in order
 * of time.
 */
export function blocksPath(
  blocks: readonly Block[],
  stepMs: number,
  x: (ms: number) => number,
  y: (value: number) => number,
): string {
  let path = '';
  let upper = '';
  let lower = '';
  let endMs = Number.NaN;
  const close = (): void => {
    if (upper !== '') path += `M${upper}${lower}Z`;
    upper = '';
    lower = '';
  };
  for (const block of blocks) {
    if (block.tsMs !== endMs) close();
    endMs = block.tsMs + stepMs;
    const left = tenth(x(block.tsMs));
    const right = tenth(x(endMs));
    const top = tenth(y(block.upper));
    const bottom = tenth(y(block.lower));
    upper += `${upper === '' ? '' : 'L'}${left},${top}H${right}`;
    lower = `L${right},${bottom}H${left}${lower}`;
  }
  close();
  return path;
}

function tenth(pixels: number): number {
  return Math.round(pixels * 10) / 10;
}
