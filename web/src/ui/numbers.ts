import type { Quality } from '@command-center/contract/api/primitives';

/** Between a number and its unit: they never part at a line's end. */
const nbsp = '\u00a0';

/** Three significant digits, thousands grouped, no zeros behind: 1.38, 214, 12,800. */
function significant(value: number): string {
  return value.toLocaleString('en-GB', { maximumSignificantDigits: 3, useGrouping: true });
}

/** Every digit: 12,840. */
export function exact(count: number): string {
  return count.toLocaleString('en-GB', { maximumFractionDigits: 0 });
}

const durationUnits = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'min'],
  [1, 's'],
  [1e-3, 'ms'],
] as const;

/** A duration in the unit that fits it: 850 µs, 250 ms, 1.38 s, 2.5 min. */
function duration(seconds: number): string {
  if (seconds === 0) return `0${nbsp}s`;
  // Rounded first, so that 999.6 ms reads 1 s.
  const rounded = Number(Math.abs(seconds).toPrecision(3));
  const [size, unit] = durationUnits.find(([least]) => rounded >= least * 0.9999999) ?? [1e-6, 'µs'];
  return `${significant(seconds / size)}${nbsp}${unit}`;
}

const byteUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

function bytes(count: number): string {
  const power = Math.min(byteUnits.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, Math.abs(count))) / 10)));
  return `${significant(count / 1024 ** power)}${nbsp}${byteUnits[power]}`;
}

/** A number with the unit that the API names (`s`, `ms`, `By`, `%`, `/s`, UCUM); times and bytes take the unit that fits. */
export function quantity(value: number, unit: string): string {
  if (unit === 's') return duration(value);
  if (unit === 'ms') return duration(value / 1_000);
  if (unit === 'By') return bytes(value);
  if (unit === '' || unit.startsWith('{')) return significant(value);
  return `${significant(value)}${nbsp}${unit}`;
}

/** A percentile as the API answers it, in its unit. */
export interface Percentile {
  readonly value: number;
  readonly lo: number | null;
  readonly hi: number | null;
  readonly quality: Quality | null;
}

/** A percentile with its quality: `≈ 1.38 s` within 1.1 %, `1.2 s [1 s, 2.5 s]` where nobody can know more, `> 10 s` in the open bucket. */
export function percentileText({ value, lo, hi, quality }: Percentile, unit: string): string {
  switch (quality) {
    case 'exact':
      return `≈${nbsp}${quantity(value, unit)}`;
    case 'overflow':
      return `>${nbsp}${quantity(lo ?? value, unit)}`;
    case 'bounded':
      return `${quantity(value, unit)} ${boundsText(lo, hi, unit)}`;
    default:
      return quantity(value, unit);
  }
}

/** Between which two values a percentile lies. */
export function boundsText(lo: number | null, hi: number | null, unit: string): string {
  return `[${lo === null ? '…' : quantity(lo, unit)}, ${hi === null ? '…' : quantity(hi, unit)}]`;
}
