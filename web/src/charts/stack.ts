import type { Block } from './path.ts';
import { type ChartSeries, timesOf } from './series.ts';

export interface Layer {
  readonly name: string;
  readonly colour: string;
  readonly solid: readonly Block[];
  /** Of the window that still counts. */
  readonly open: readonly Block[];
}

export interface Stack {
  readonly layers: readonly Layer[];
  /** The highest sum of a window. */
  readonly highest: number;
}

/** Lays series on one another, the first at the bottom. In a window that some of them have, the others count nothing; one that none has is a gap. */
export function stackOf(series: readonly ChartSeries[]): Stack {
  const times = timesOf(series);
  const height = new Map(times.map(({ tsMs }) => [tsMs, 0]));
  const layers = series.map(({ name, colour, points }) => {
    const solid: Block[] = [];
    const open: Block[] = [];
    for (const { tsMs, isOpen, value } of points) {
      if (value === null || value === 0) continue;
      const lower = height.get(tsMs) ?? 0;
      height.set(tsMs, lower + value);
      (isOpen ? open : solid).push({ tsMs, lower, upper: lower + value });
    }
    return { name, colour, solid, open };
  });
  return { layers, highest: Math.max(0, ...height.values()) };
}
