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

/** The factor to `base` for each unit of its dimension. Throws for a base unit that no dimension has (a fault of the catalogue). */
export function factorsTo(base: string): Readonly<Record<string, number>> {
  const plain = plainUnit(base);
  const dimension = dimensions.find((units) => Object.hasOwn(units, plain));
  const one = dimension?.[plain];
  if (dimension === undefined || one === undefined) throw new Error(`catalogue: unit ${base} has no dimension`);
  // Division of two decimals can miss by one bit (1e-3 / 1e-6); dividing inverses does not for the units above.
  return Object.fromEntries(Object.entries(dimension).map(([unit, size]) => [unit, ratio(size, one)]));
}

function ratio(size: number, one: number): number {
  return one < 1 ? size * Math.round(1 / one) : size / one;
}

/** The factor from the unit a sender named ('' = none) to the canonical one; undefined = cannot be converted (`wrong_unit`). */
export function factorOf(mapping: Pick<Mapping, 'unit' | 'factors'>, unit: string): number | undefined {
  const plain = plainUnit(unit === '' ? mapping.unit : unit);
  return Object.hasOwn(mapping.factors, plain) ? mapping.factors[plain] : undefined;
}
