import { rangeName } from '@command-center/contract/api/primitives';
import { z } from 'zod';
import { limits } from '../limits.ts';

/** What goes into the OpenAPI document beside what zod knows. */
type Documentation = { readonly description: string } & Readonly<Record<string, unknown>>;

/** Text as Postgres can hold it: no NUL, no lone surrogate. */
const storable = /^[^\0\p{Surrogate}]*$/u;

/** One value of free text. */
export function text(description: string) {
  return z
    .string('must be given once')
    .min(1, 'must not be empty')
    .max(limits.parameterCharacters, `must have at most ${limits.parameterCharacters} characters`)
    .refine((value) => storable.test(value), 'must not hold characters that no stored text can hold')
    .meta({ description } satisfies Documentation);
}

/** A parameter that may be repeated, at most `maximum` times. `required` is for the document: what it must name is the route's to say. */
export function repeated(description: string, maximum: number, required = false) {
  return z
    .preprocess(
      (value) => (value === undefined ? [] : Array.isArray(value) ? value : [value]),
      z.array(text(description)).max(maximum, `may be given at most ${maximum} times`),
    )
    .meta({ description, param: { required } } satisfies Documentation);
}

/** A whole number from 1 to `maximum`. */
function wholeNumber(description: string, maximum: number, byDefault: number) {
  const message = `must be a whole number from 1 to ${maximum}`;
  return z
    .string(message)
    .regex(/^\d{1,9}$/, message)
    .transform(Number)
    .pipe(z.int().min(1, message).max(maximum, message))
    .default(byDefault)
    .meta({ description, type: 'integer', minimum: 1, maximum, default: byDefault } satisfies Documentation);
}

/** A number from 0 on. */
export function positive(description: string) {
  const message = 'must be a number from 0 on, like 250 or 12.5';
  return z
    .string(message)
    .regex(/^\d{1,12}(\.\d{1,6})?$/, message)
    .transform(Number)
    .meta({ description, type: 'number', minimum: 0 } satisfies Documentation);
}

/** One of a list of words. */
export function oneOf<const T extends readonly string[]>(description: string, words: T) {
  return z.enum(words, `must be one of ${words.join(', ')}`).meta({ description } satisfies Documentation);
}

const instantMessage = 'must be RFC 3339, like 2026-11-24T14:00:00Z, or milliseconds since the epoch';

/** A time, in milliseconds since the epoch. */
function instant(description: string) {
  return z
    .string(instantMessage)
    .transform((value, context) => {
      const ms = /^\d{1,15}$/.test(value)
        ? Number(value)
        : z.iso.datetime({ offset: true }).safeParse(value).success
          ? Date.parse(value)
          : Number.NaN;
      if (Number.isFinite(ms) && ms <= latestMs) return ms;
      context.addIssue({ code: 'custom', message: instantMessage });
      return z.NEVER;
    })
    .meta({ description, type: 'string', format: 'date-time' } satisfies Documentation);
}

/** 31 December 9999: the last instant that RFC 3339 can write. */
const latestMs = 253_402_300_799_999;

/** The parameters of every endpoint over time (interfaces.md §1). */
export const overTime = {
  range: oneOf('Up to now. Default 24h.', rangeName.options).optional(),
  from: instant('Inclusive. With from, range is left out.').optional(),
  to: instant('Exclusive; default now.').optional(),
};

/** Of endpoints that take no others. */
export const timeQuery = z.strictObject({ ...overTime });

/** The parameters of every list. */
export const paged = {
  limit: wholeNumber('Rows of a page.', limits.pageRows, limits.pageRowsDefault),
  cursor: z
    .string('must be given once')
    .min(1, 'must not be empty')
    .max(limits.cursorCharacters, 'must be the next_cursor of an earlier answer')
    .optional()
    .meta({ description: 'next_cursor of the page before.' } satisfies Documentation),
};

/** Rows of a top list (interfaces.md §1). */
export const topLimit = wholeNumber('Rows.', limits.pageRows, limits.topRowsDefault);

/** 32 hex digits. */
export const traceId = z
  .string('must be given once')
  .regex(/^[0-9a-fA-F]{32}$/, 'must be 32 hex digits')
  .transform((value) => value.toLowerCase())
  .meta({
    description: 'Trace id, 32 hex digits.',
    type: 'string',
    pattern: '^[0-9a-fA-F]{32}$',
  } satisfies Documentation);
