/**
 * What schemas of the wire become in the console (readerOf.ts): functions that answer what they read, without the members that the schema does not
 * know, or `refused`. They do not say what was wrong: nobody at the page could mend it.
 */
type Reader = (value: unknown) => unknown;

const refused = Symbol('refused');

const only =
  (fits: (value: unknown) => boolean): Reader =>
  (value) =>
    fits(value) ? value : refused;

export const string = only((value) => typeof value === 'string');
export const boolean = only((value) => typeof value === 'boolean');
export const number = only(Number.isFinite);
export const int = only(Number.isSafeInteger);
/** Without the white space around it, as everybody reads URLs. */
export const url: Reader = (value) =>
  typeof value === 'string' && URL.canParse(value) ? value.trim().replaceAll(/[\t\n\r]/g, '') : refused;

export const matching = (pattern: RegExp): Reader => only((value) => typeof value === 'string' && pattern.test(value));

export const oneOf = (values: readonly unknown[]): Reader => only((value) => values.includes(value));

/** A number; both bounds are in. */
export const between = (least: number, most: number): Reader =>
  only((value) => typeof value === 'number' && value >= least && value <= most);

export const nullable =
  (read: Reader): Reader =>
  (value) =>
    value === null ? value : read(value);

export const optional =
  (read: Reader): Reader =>
  (value) =>
    value === undefined ? value : read(value);

export const defaulting =
  (read: Reader, value: unknown): Reader =>
  (given) =>
    given === undefined ? structuredClone(value) : read(given);

/** What the first of them reads that does not refuse. */
export const anyOf =
  (readers: readonly Reader[]): Reader =>
  (value) => {
    for (const read of readers) {
      const found = read(value);
      if (found !== refused) return found;
    }
    return refused;
  };

export const array =
  (read: Reader): Reader =>
  (value) => {
    if (!Array.isArray(value)) return refused;
    const items = value.map((item) => read(item));
    return items.includes(refused) ? refused : items;
  };

type Members = readonly (readonly [string, Reader])[];

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function membersOf(value: unknown, members: (value: object) => Members): unknown {
  if (!isObject(value)) return refused;
  const result: Record<string, unknown> = {};
  for (const [key, read] of members(value)) {
    const found = read(value[key]);
    if (found === refused) return refused;
    if (found !== undefined) result[key] = found;
  }
  return result;
}

export const object = (shape: Readonly<Record<string, Reader>>): Reader => {
  const members = Object.entries(shape);
  return (value) => membersOf(value, () => members);
};

/** Any keys but the one that would set a prototype. */
export const record =
  (read: Reader): Reader =>
  (value) =>
    membersOf(value, (given) =>
      Object.keys(given)
        .filter((key) => key !== '__proto__')
        .map((key) => [key, read]),
    );

/** A reader as what the console asks of a schema; `options`: the words of an enumeration. */
export function schema(read: Reader, options?: readonly unknown[]): Reader {
  const safeParse = (value: unknown): unknown => {
    const data = read(value);
    return data === refused ? { success: false } : { success: true, data };
  };
  return Object.assign((value: unknown) => read(value), { safeParse, options });
}
