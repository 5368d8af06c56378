import type { Distribution } from '@command-center/contract/api/voice';
import { exact, quantity } from '../ui/numbers.ts';

export interface Bar {
  /** Which values it counts. */
  readonly range: string;
  readonly count: number;
  /** Percent of all; null where there are none. */
  readonly share: number | null;
  /** Percent of the highest. */
  readonly height: number;
}

/** Edges are known to a bin of the grid: within 1.1 % (contract/src/sketch/bins.ts). */
const edgeError = 0.0115;
const durationSizes = [86_400, 3_600, 60, 1, 1e-3];

/** An edge as it was meant: two digits of what it reads in, where those are as near as anybody knows. */
function meant(edge: number, unit: string): number {
  const size = unit === 's' ? (durationSizes.find((one) => edge >= one * (1 - edgeError)) ?? 1e-6) : 1;
  const rough = Number((edge / size).toPrecision(2)) * size;
  return Math.abs(rough - edge) <= edgeError * Math.abs(edge) ? rough : edge;
}

/** An edge in words. */
export function edgeText(edge: number, unit: string): string {
  return quantity(meant(edge, unit), unit);
}

/** (lower, upper] in words; whole things, as people are, by number. */
export function rangeText({ lower, upper }: Distribution['bins'][number], unit: string): string {
  if (upper === null) return `over ${edgeText(lower, unit)}`;
  if (upper <= 0) return edgeText(upper, unit);
  if (lower <= 0) return `up to ${edgeText(upper, unit)}`;
  const [from, to] = [meant(lower, unit), meant(upper, unit)];
  if (unit.startsWith('{') && Number.isInteger(from) && Number.isInteger(to)) {
    return from + 1 === to ? exact(to) : `${exact(from + 1)} to ${exact(to)}`;
  }
  return `${edgeText(lower, unit)} to ${edgeText(upper, unit)}`;
}

export function barsOf({ bins, unit }: Pick<Distribution, 'bins' | 'unit'>): readonly Bar[] {
  const all = bins.reduce((sum, { count }) => sum + count, 0);
  const highest = Math.max(0, ...bins.map(({ count }) => count));
  return bins.map((bin) => ({
    range: rangeText(bin, unit),
    count: bin.count,
    share: all === 0 ? null : (100 * bin.count) / all,
    height: highest === 0 ? 0 : (100 * bin.count) / highest,
  }));
}

/** Edges between bars, at most `most`: which bar each is left of, and what it reads. */
export function edgesOf(
  { bins, unit }: Pick<Distribution, 'bins' | 'unit'>,
  most: number,
): readonly { readonly at: number; readonly text: string }[] {
  const last = bins.at(-1)?.upper ?? null;
  const edges = [...bins.map(({ lower }) => lower), ...(last === null ? [] : [last])];
  const step = Math.ceil(edges.length / Math.max(1, most));
  return edges.flatMap((edge, at) => (at % step === 0 ? [{ at, text: edgeText(Math.max(0, edge), unit) }] : []));
}
