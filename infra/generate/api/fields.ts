import { retentionDays } from '@command-center/contract/retention';
import { z } from 'zod';
import type { Described } from './comments.ts';

/** What is read of a JSON schema (2020-12, as OpenAPI 3.1 has it). */
interface JsonSchema {
  readonly type?: string | readonly string[] | undefined;
  readonly enum?: readonly unknown[] | undefined;
  readonly const?: unknown;
  readonly format?: string | undefined;
  readonly pattern?: string | undefined;
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
  readonly minLength?: number | undefined;
  readonly maxLength?: number | undefined;
  readonly maxItems?: number | undefined;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>> | undefined;
  readonly required?: readonly string[] | undefined;
  readonly items?: JsonSchema | undefined;
  readonly additionalProperties?: JsonSchema | boolean | undefined;
  readonly anyOf?: readonly JsonSchema[] | undefined;
  readonly oneOf?: readonly JsonSchema[] | undefined;
}

const optionalNumber = z.number().optional();

export const jsonSchema: z.ZodType<JsonSchema> = z.lazy(() =>
  z.object({
    type: z.union([z.string(), z.array(z.string())]).optional(),
    enum: z.array(z.unknown()).optional(),
    const: z.unknown().optional(),
    format: z.string().optional(),
    pattern: z.string().optional(),
    minimum: optionalNumber,
    maximum: optionalNumber,
    minLength: optionalNumber,
    maxLength: optionalNumber,
    maxItems: optionalNumber,
    default: z.unknown().optional(),
    properties: z.record(z.string(), jsonSchema).optional(),
    required: z.array(z.string()).optional(),
    items: jsonSchema.optional(),
    additionalProperties: z.union([z.boolean(), jsonSchema]).optional(),
    anyOf: z.array(jsonSchema).optional(),
    oneOf: z.array(jsonSchema).optional(),
  }),
);

const choicesOf = ({ anyOf, oneOf }: JsonSchema): readonly JsonSchema[] => anyOf ?? oneOf ?? [];

const listed = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;

/** The largest whole number of JavaScript, which every whole number has as its bound. */
const unbounded = (bound: number | undefined): boolean =>
  bound === undefined || Math.abs(bound) >= Number.MAX_SAFE_INTEGER;

/** A schema in a few words: `number from 0 to 100 or null`. */
export function formOf(schema: JsonSchema): string {
  const choices = choicesOf(schema);
  if (choices.length > 0) return listed([...new Set(choices.map(formOf))]);
  if (schema.const !== undefined) return `\`${String(schema.const)}\``;
  if (schema.enum !== undefined)
    return listed(schema.enum.map((each) => (each === null ? 'null' : `\`${String(each)}\``)));
  const types = [schema.type ?? 'anything'].flat();
  return listed(types.map((type) => (type === 'null' ? 'null' : wordsOf(type, schema))));
}

function wordsOf(type: string, schema: JsonSchema): string {
  const { minimum, maximum, maxLength, maxItems, items, additionalProperties } = schema;
  const size = [
    unbounded(minimum) ? '' : unbounded(maximum) ? `from ${minimum}` : `${minimum} to ${maximum}`,
    maxLength === undefined ? '' : `of at most ${maxLength} characters`,
    maxItems === undefined ? '' : `at most ${maxItems}`,
  ].filter((part) => part !== '');
  const word =
    schema.format === 'date-time'
      ? 'time'
      : type === 'array'
        ? `list of ${items === undefined ? 'anything' : formOf(items).replace(/^object$/, 'objects')}`
        : type === 'object' && typeof additionalProperties === 'object'
          ? `object with values of ${formOf(additionalProperties)}`
          : ({
              integer: 'whole number',
              string: schema.format === 'uri' ? 'address' : 'text',
              boolean: 'true or false',
            }[type] ?? type);
  return [word, ...size].join(' ').replace(/(list of \w+), /, '$1 ');
}

/** What several answers hold is described with one of them: the constant of its schema, of which answer, and in words. */
const elsewhere: Readonly<Record<string, { readonly home: string; readonly words: string }>> = {
  trendSeries: { home: 'trends', words: 'a series of [`/trends`](#get-apiadminobservabilitytrends)' },
  sparkline: { home: 'summary', words: 'a `sparkline` of [`/summary`](#get-apiadminobservabilitysummary)' },
  serviceHealth: { home: 'summary', words: 'one of `services` of [`/summary`](#get-apiadminobservabilitysummary)' },
  summary: { home: '', words: 'what [`/summary`](#get-apiadminobservabilitysummary) answers' },
  voiceNow: { home: 'summary', words: '`voice` of [`/summary`](#get-apiadminobservabilitysummary)' },
  logItem: { home: 'logs', words: 'a row of [`/logs`](#get-apiadminobservabilitylogs)' },
  traceItem: { home: 'traces', words: 'a row of [`/traces`](#get-apiadminobservabilitytraces)' },
};

export interface Field {
  /** `series[].points[].p95` */
  readonly path: string;
  readonly form: string;
  readonly meaning: string;
}

/** What members of these names are wherever their schema says nothing else. */
const usually: readonly (readonly [RegExp, string])[] = [
  [/^p\d\d$/, 'Percentile, in `unit`; null = not known.'],
  [/^(p\d\d_)?lo$/, 'The percentile is not below this.'],
  [/^(p\d\d_)?hi$/, 'Nor above this; null = nobody can know.'],
  [/^(p\d\d_)?quality$/, 'How well it is known.'],
  [/^warn$/, 'Where it becomes yellow.'],
  [/^crit$/, 'Where it becomes red.'],
  [/^colour$/, 'By the thresholds; null where there is nothing to judge.'],
  [/^n$/, 'Events that it is taken from.'],
  [/^numerator$/, 'Of these, those that are counted.'],
  [/^from$/, 'Begin of what is answered, inclusive.'],
  [/^to$/, 'Its end, exclusive.'],
  [/^truncated$/, 'Whether there is more than is answered.'],
  [/^expires_at$/, 'Until when it is good.'],
];

function meaningOf(name: string, comment: string): string {
  return comment === '' ? (usually.find(([pattern]) => pattern.test(name))?.[1] ?? '') : sentence(comment);
}

const sentence = (text: string): string => (/^[a-z]+ /.test(text) ? `${text[0]?.toUpperCase()}${text.slice(1)}` : text);

function awayFrom(answer: string | undefined, constant: string): string | undefined {
  const known = elsewhere[constant];
  return known === undefined || known.home === answer ? undefined : known.words;
}

/** A line a member, at any depth. What was described before, in this answer or another one, is referred to. */
export function fieldsOf(schema: JsonSchema, described: Described): Field[] {
  const seen = new Map<string, string>();
  const rows: Field[] = [];
  const visit = (each: JsonSchema, about: Described, path: string): void => {
    for (const choice of choicesOf(each)) visit(choice, about, path);
    if (each.items !== undefined) visit(each.items, about, `${path}[]`);
    if (typeof each.additionalProperties === 'object') visit(each.additionalProperties, about, `${path}.*`);
    for (const [name, member] of Object.entries(each.properties ?? {})) {
      const memberPath = path === '' ? name : `${path}.${name}`;
      const of: Described = about.members.get(name) ?? { comment: '', members: new Map() };
      if (rows.some((row) => row.path === memberPath)) continue;
      const constant = of.name;
      const isNested = of.members.size > 0;
      const before =
        isNested && constant !== undefined ? (awayFrom(described.name, constant) ?? seen.get(constant)) : undefined;
      const absent = each.required?.includes(name) === true ? '' : ', may be absent';
      const meaning = [meaningOf(name, of.comment), before === undefined ? '' : `As ${before}.`]
        .filter((part) => part !== '')
        .join(' ');
      rows.push({ path: memberPath, form: `${formOf(member)}${absent}`, meaning });
      if (before !== undefined) continue;
      if (isNested && constant !== undefined) seen.set(constant, `\`${memberPath}\``);
      visit(member, of, memberPath);
    }
  };
  visit(schema, described, '');
  return rows;
}

/** Values that say more than any other of their kind. */
const told: Readonly<Record<string, unknown>> = {
  service: 'orders',
  'service.name': 'orders',
  domain: 'chat',
  event: 'request failed',
  message: 'upstream answered with 502',
  trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
  span_id: '00f067aa0ba902b7',
  span_name: 'GET /orders/{id}',
  route: '/orders/{id}',
  metric_name: 'kaiku_http_request_duration_seconds',
  status: 'healthy',
  reason: 'in words',
  name: 'kaiku_http_requests_total',
  id: '8f14e45f-ceea-467f-a7de-b3a0b1c2d3e4',
  version: '0.1.0',
  environment: 'production',
  error_type: 'TimeoutError',
  next_cursor: null,
  ticket: 'b2h5…',
  unit: 's',
  kind: 'histogram',
  status_code: '200',
};

/** Characters of JSON past which a value is not shown twice. */
const longest = 100;

/** A value that a schema takes. What was shown before is shown without the rows of its lists. */
export function exampleOf(schema: JsonSchema): unknown {
  const seen = new Set<string>();
  const shortened = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map(shortened);
    const json = JSON.stringify(value);
    const isShown = seen.has(json);
    if (json.length > longest) seen.add(json);
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [key, isShown && Array.isArray(each) ? [] : shortened(each)]),
    );
  };
  return shortened(sampleOf(schema));
}

/** One member of each list, the first of each choice. */
function sampleOf(schema: JsonSchema, name = ''): unknown {
  const [choice] = choicesOf(schema);
  if (choice !== undefined) return sampleOf(choice, name);
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum.includes(told[name]) ? told[name] : schema.enum[0];
  const types = [schema.type ?? 'null'].flat();
  const known = told[name];
  if (known === null && types.includes('null')) return null;
  if (typeof known === 'string' && types.includes('string') && schema.format === undefined) return known;
  return ofType(types[0] ?? 'null', schema, name);
}

function ofType(type: string, schema: JsonSchema, name: string): unknown {
  switch (type) {
    case 'object':
      if (schema.properties !== undefined)
        return Object.fromEntries(
          Object.entries(schema.properties).map(([key, member]) => [key, sampleOf(member, key)]),
        );
      return typeof schema.additionalProperties === 'object'
        ? { 'service.name': sampleOf(schema.additionalProperties, 'service.name') }
        : {};
    case 'array':
      return schema.items === undefined ? [] : [sampleOf(schema.items, name)];
    case 'number':
    case 'integer':
      if (name === 'retention_days') return retentionDays;
      return Math.min(Math.max(numberFor(name, type), schema.minimum ?? 0), schema.maximum ?? Number.MAX_SAFE_INTEGER);
    case 'boolean':
      return name === 'sampled';
    case 'string':
      return textFor(schema, name);
    default:
      return null;
  }
}

const numberFor = (name: string, type: string): number =>
  type === 'integer' ? 5 : /^(p\d|rate|.*_rate|.*lo$|.*hi$)/.test(name) ? 0.25 : 12;

function textFor({ format }: JsonSchema, name: string): string {
  if (format === 'date-time') return '2026-11-27T14:03:00.000Z';
  if (format === 'uri' || name.endsWith('url')) return 'https://example.com/';
  return name === '' ? 'text' : name.replaceAll('_', ' ');
}
