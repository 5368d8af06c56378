import fc from 'fast-check';
import type { z } from 'zod';

/** What JSON may hold where something else is expected, and what is nearly right. */
const oddities: readonly unknown[] = [
  null,
  '',
  'x',
  '2026-02-29T00:00:00Z',
  '2026-01-01T00:00:00',
  '2024-02-29T23:59:59.999Z',
  'https://h/ ',
  'http:',
  0,
  -1,
  1.5,
  100,
  100.01,
  2 ** 53,
  true,
  [],
  [null],
  {},
  { __proto__: null, x: 1 },
  JSON.parse('{"__proto__": 1}'),
  'healthy',
  'red',
];

/** Values that the schema takes, and some that only look like it. */
export function valuesOf(schema: z.core.$ZodType): fc.Arbitrary<unknown> {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'string':
      if ('format' in def && def.format === 'datetime')
        return fc
          .date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-12-31') })
          .map((date) => date.toISOString());
      return 'format' in def && def.format === 'url' ? fc.webUrl() : fc.string();
    case 'number':
      if ('format' in def) return fc.maxSafeInteger();
      return def.checks?.length
        ? fc.double({ min: 0, max: 100, noNaN: true })
        : fc.double({ noNaN: true, noDefaultInfinity: true });
    case 'boolean':
      return fc.boolean();
    case 'enum':
      return fc.constantFrom(...Object.values(def.entries));
    case 'literal':
      return fc.constantFrom(...def.values);
    case 'nullable':
      return fc.option(valuesOf(def.innerType), { nil: null });
    case 'optional':
    case 'default':
      return fc.option(valuesOf(def.innerType), { nil: undefined });
    case 'array':
      return fc.array(valuesOf(def.element), { maxLength: 3 });
    case 'record':
      return fc.dictionary(fc.string(), valuesOf(def.valueType), { maxKeys: 3 });
    case 'union':
      return fc.oneof(...def.options.map(valuesOf));
    case 'object':
      return fc.record(Object.fromEntries(Object.entries(def.shape).map(([key, member]) => [key, valuesOf(member)])));
    default:
      throw new Error(`no values for ${def.type}`);
  }
}

/** The value with one part, found by the choices, put aside for something odd, left out, or joined by a stranger. */
export function mangled(value: unknown, choices: Iterator<number>): unknown {
  const choose = (count: number): number => (choices.next().value ?? 0) % count;
  const odd = (): unknown => oddities[choose(oddities.length)];
  if (typeof value !== 'object' || value === null || choose(4) === 0) return odd();
  if (Array.isArray(value)) {
    if (value.length === 0) return [odd()];
    const at = choose(value.length);
    return value.with(at, mangled(value[at], choices));
  }
  const entries = Object.entries(value);
  const [key = 'stranger', member] = entries[choose(Math.max(entries.length, 1))] ?? [];
  const rest = Object.fromEntries(entries.filter(([name]) => name !== key));
  switch (choose(6)) {
    case 0:
      return rest;
    case 1:
      return { ...value, stranger: odd() };
    default:
      return { ...rest, [key]: mangled(member, choices) };
  }
}
