import type { Mapping } from './entry.ts';

/** What one of each unit is in the dimension's base unit (s, By, 1). UCUM as OpenTelemetry writes it, and the words Prometheus senders use. */
const dimensions: readonly Readonly<Record<string, number>>[] = [
  {
    s: 1,
    ms: 1e-3,
    us: 1e-6,
    // U+00B5 and U+03BC: both are written for micro.
    µs: 1e-6,
    μs: 1e-6,
    ns: 1e-9,
    min: 60,
    h: 3600,
    seconds: 1,
    milliseconds: 1e-3,
  },
  {
    By: 1,
    kBy: 1e3,
    MBy: 1e6,
    GBy: 1e9,
    KiBy: 2 ** 10,
    MiBy: 2 ** 20,
    GiBy: 2 ** 30,
    bytes: 1,
  },
  { '1': 1, '%': 0.01 },
];

/** A UCUM annotation (`{request}`) says what is counted; it has no dimension. */
const annotation = /^\{[^{}]*\}$/;

function plainUnit(unit: string): string {
  return annotation.test(unit) ? '1' : unit;
}

/** The units that values can be turned into and from, beside annotations: `s`, `ms`, `By`, `1`. */
export const knownUnits: readonly string[] = dimensions.flatMap((units) => Object.keys(units));

/** Whether values in `unit` can be turned into `base`. */
export function isConvertible(unit: string, base: string): boolean {
  return Object.hasOwn(dimensionOf(base) ?? {}, plainUnit(unit));
}

function dimensionOf(unit: string): Readonly<Record<string, number>> | undefined {
  return dimensions.find((units) => Object.hasOwn(units, plainUnit(unit)));
}

/**
 * The factor to `base` for each unit of its dimension, each multiplied with `scale`. Throws for a base unit that no dimension has (a fault of
 * the catalogue).
 */
export function factorsTo(base: string, scale = 1): Readonly<Record<string, number>> {
  const plain = plainUnit(base);
  const dimension = dimensionOf(base);
  const one = dimension?.[plain];
  if (dimension === undefined || one === undefined) throw new Error(`catalogue: unit ${base} has no dimension`);
  // Division of two decimals can miss by one bit (1e-3 / 1e-6); dividing inverses does not for the units above.
  return Object.fromEntries(Object.entries(dimension).map(([unit, size]) => [unit, ratio(size, one) * scale]));
}

function ratio(size: number, one: number): number {
  return one < 1 ? size * Math.round(1 / one) : size / one;
}

/** The factor from the unit a sender named ('' = none) to the canonical one; undefined = cannot be converted (`wrong_unit`). */
export function factorOf(mapping: Pick<Mapping, 'unit' | 'factors'>, unit: string): number | undefined {
  const plain = plainUnit(unit === '' ? mapping.unit : unit);
  return Object.hasOwn(mapping.factors, plain) ? mapping.factors[plain] : undefined;
}
