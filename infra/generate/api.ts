import { documentOf } from '@command-center/api/openapi/document';
import { reasons } from '@command-center/contract/reasons';
import { z } from 'zod';
import { code, noticeOf, table } from './table.ts';

/** What is read of the OpenAPI document: parameters, answers and the schemas that they name. */
interface Schema {
  readonly $ref?: string | undefined;
  readonly type?: string | readonly string[] | undefined;
  readonly format?: string | undefined;
  readonly description?: string | undefined;
  readonly enum?: readonly unknown[] | undefined;
  readonly const?: unknown;
  readonly default?: unknown;
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
  readonly maxLength?: number | undefined;
  readonly maxItems?: number | undefined;
  readonly items?: Schema | undefined;
  readonly properties?: Readonly<Record<string, Schema>> | undefined;
  readonly anyOf?: readonly Schema[] | undefined;
  readonly oneOf?: readonly Schema[] | undefined;
  readonly allOf?: readonly Schema[] | undefined;
  readonly additionalProperties?: boolean | Schema | undefined;
}
const schema: z.ZodType<Schema> = z.lazy(() =>
  z.looseObject({
    $ref: z.string().optional(),
    type: z.union([z.string(), z.array(z.string())]).optional(),
    format: z.string().optional(),
    description: z.string().optional(),
    enum: z.array(z.unknown()).optional(),
    minimum: z.number().optional(),
    maximum: z.number().optional(),
    maxLength: z.number().optional(),
    maxItems: z.number().optional(),
    items: schema.optional(),
    properties: z.record(z.string(), schema).optional(),
    anyOf: z.array(schema).optional(),
    oneOf: z.array(schema).optional(),
    allOf: z.array(schema).optional(),
    additionalProperties: z.union([z.boolean(), schema]).optional(),
  }),
);
const answer = z.looseObject({
  $ref: z.string().optional(),
  description: z.string().default(''),
  content: z.record(z.string(), z.looseObject({ schema: schema.optional() })).default({}),
});
const operation = z.looseObject({
  summary: z.string().default(''),
  description: z.string().optional(),
  security: z.array(z.unknown()).optional(),
  parameters: z
    .array(
      z.looseObject({
        name: z.string(),
        in: z.string(),
        required: z.boolean().default(false),
        schema,
        description: z.string().default(''),
      }),
    )
    .default([]),
  requestBody: z
    .looseObject({ content: z.record(z.string(), z.looseObject({ schema: schema.optional() })) })
    .optional(),
  responses: z.record(z.string(), answer),
});
const document = z.looseObject({
  paths: z.record(z.string(), z.record(z.string(), operation)),
  components: z.looseObject({ schemas: z.record(z.string(), schema) }),
});
type Operation = z.infer<typeof operation>;

const notModified = '304';
/** Answers of every view, said once. */
const common = new Set([
  'unauthenticated',
  'forbidden',
  'invalid_parameter',
  'deadline_exceeded',
  'database_unavailable',
  'identity_unavailable',
]);

/** docs/api.md */
export function apiPage(): string {
  const { paths, components } = document.parse(documentOf(''));
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, each]) => ({ title: `${method.toUpperCase()} ${path}`, each })),
  );
  return `${noticeOf("contract/src/api and the API's routes")}

# The query API

Everything under \`/api/admin/observability\` wants an identity ([docs/identity.md](identity.md)): a bearer token, or the session of a browser. A running API serves this
page's source at \`/openapi.json\`, and a browsable form at \`/docs\`. Field names are those of SQL and of the contract; times are RFC 3339 in UTC; durations are in the unit
that a field's name or the catalogue says. A gap is a missing point, never a zero; a percentile comes with its bounds and quality.

An error is a problem document (RFC 9457, \`application/problem+json\`): \`type\` is \`urn:command-center:problem:<code>\`, \`detail\` names the parameter, its value and what is
allowed. Every view may answer ${[...common].map((reason) => `${code(reason)} (${statusOf(reason)})`).join(', ')}; those of 503 and 429 with \`Retry-After\`. All codes: [the contract](contract.md#reasons).
A poll with \`If-None-Match\` is a 304 while nothing is new.

${operations.map(({ title, each }) => section(title, each, components.schemas)).join('\n\n')}

## GET /api/admin/observability/live

The live socket, of a sidecar: [docs/live.md](live.md) has its messages and frames.

## GET /openapi.json and GET /docs

This document for programs, and for people. They need no identity, like the console's files.

# The sidecar

| path | answers |
| --- | --- |
| \`POST /v1/metrics\`, \`POST /v1/logs\`, \`POST /v1/traces\` | OTLP/HTTP on its own port: \`application/x-protobuf\` or \`application/json\`, plain or \`gzip\`; 200 with the signal's response, which holds \`partial_success\` where records were refused for good |
| \`opentelemetry.proto.collector.{metrics,logs,trace}.v1\` | the same over gRPC: \`Export\` |
| \`grpc.health.v1.Health\` | \`SERVING\` while what is sent can be stored |
| \`GET /healthz\` | 200 while the process lives |
| \`GET /readyz\` | 200 while what is sent can be stored, else 503 and why |
| \`GET /metrics\` | [its own metrics](metrics.md), Prometheus' text format |

What OTLP senders are answered, and what is retried: [the contract's reasons](contract.md#reasons).
`;
}

function statusOf(reason: string): string {
  return String(Object.entries(reasons).find(([name]) => name === reason)?.[1].httpStatus ?? '');
}

function section(
  title: string,
  { summary, description, parameters, requestBody, responses }: Operation,
  schemas: Readonly<Record<string, Schema>>,
): string {
  const parts = [
    `## ${title}`,
    `${[summary, description].filter((text) => text !== undefined && text !== '').join('. ')}.`.replace(/\.\.$/, '.'),
  ];
  if (parameters.length > 0)
    parts.push(
      table(
        ['parameter', 'takes', 'meaning'],
        parameters.map((each) => [
          `${code(each.name)}${each.required ? ' (must)' : ''}`,
          typeOf(each.schema),
          each.description,
        ]),
      ),
    );
  const body = Object.values(requestBody?.content ?? {})[0]?.schema;
  if (body !== undefined) parts.push(`Takes JSON: ${typeOf(body)}.`);
  for (const [status, each] of Object.entries(responses)) {
    if (!/^[23]/.test(status) || status === notModified) continue;
    const [media, content] = Object.entries(each.content)[0] ?? [];
    const fields = content?.schema === undefined ? [] : objectsOf(content.schema, schemas);
    parts.push(`**${status}** ${media === undefined ? '' : `${code(media)} `}${each.description}`.trim());
    if (fields.length > 0) parts.push(table(['in', 'stand'], fields));
  }
  const others = Object.entries(responses).flatMap(([status, each]) => {
    const reason = each.$ref?.split('/').at(-1);
    return reason === undefined || common.has(reason) ? [] : [`${code(reason)} (${status})`];
  });
  if (others.length > 0) parts.push(`Also: ${others.join(', ')}.`);
  return parts.join('\n\n');
}

const maxDepth = 4;

/** A row an object: where it stands (lists as `name[]`) and its fields. One that is like an earlier one says so. */
function objectsOf(
  of: Schema,
  schemas: Readonly<Record<string, Schema>>,
  path = '',
  seen: Map<string, string> = new Map(),
  depth = 0,
): string[][] {
  const at = resolved(of, schemas);
  const inner = at.items === undefined ? at : resolved(at.items, schemas);
  const members = Object.entries(inner.properties ?? {});
  if (members.length === 0 || depth > maxDepth) return [];
  const here = at.items === undefined ? path : `${path}[]`;
  const shown = here === '' ? 'the answer' : code(here);
  const known = seen.get(JSON.stringify(inner.properties));
  if (known !== undefined) return [[shown, `as ${known}`]];
  seen.set(JSON.stringify(inner.properties), shown);
  const fields = members.map(([name, each]) => `${code(name)} ${typeOf(resolved(each, schemas))}`).join('; ');
  const below = members.flatMap(([name, each]) =>
    objectsOf(each, schemas, here === '' ? name : `${here}.${name}`, seen, depth + 1),
  );
  return [[shown, fields], ...below];
}

function resolved(of: Schema, schemas: Readonly<Record<string, Schema>>): Schema {
  if (of.$ref !== undefined) return schemas[of.$ref.split('/').at(-1) ?? ''] ?? {};
  const choices = (of.anyOf ?? of.oneOf ?? []).filter(({ type }) => type !== 'null');
  return choices.length === 1 && choices[0] !== undefined
    ? { ...resolved(choices[0], schemas), ...(of.description === undefined ? {} : { description: of.description }) }
    : of;
}

function typeOf(of: Schema): string {
  if (of.enum !== undefined) return of.enum.map((each) => (each === null ? 'null' : code(String(each)))).join(', ');
  if (of.const !== undefined) return code(String(of.const));
  if (of.items !== undefined)
    return `${of.maxItems === undefined ? '' : `up to ${of.maxItems} of: `}${typeOf(of.items)}, repeated`;
  const kinds = [of.type ?? []].flat();
  const choices = of.anyOf ?? of.oneOf ?? [];
  if (kinds.length === 0 && choices.length > 0) return [...new Set(choices.map(typeOf))].join(' or ');
  const bounds = [
    of.minimum === undefined ? '' : ` from ${of.minimum}`,
    of.maximum === undefined ? '' : ` to ${of.maximum}`,
    of.maxLength === undefined ? '' : ` of at most ${of.maxLength} characters`,
    of.default === undefined || typeof of.default === 'object' ? '' : `, default ${code(String(of.default))}`,
  ];
  const word =
    of.format === undefined ? kinds.join(' or ') : kinds.includes('null') ? `${of.format} or null` : of.format;
  return `${word === '' ? (of.$ref?.split('/').at(-1) ?? 'any') : word}${bounds.join('')}`;
}
