import { exportRow } from '@command-center/contract/api/exports';
import { httpOk, reasons } from '@command-center/contract/reasons';
import { filesLike } from '../../check/governance/files.ts';
import { code, table } from '../table.ts';
import { describedIn } from './comments.ts';
import { exampleOf, fieldsOf, formOf, jsonSchema } from './fields.ts';
import type { Operation } from './operations.ts';

/** Where the schema of an answer is declared, by its name in the document. */
export function declarationOf(id: string): { path: string; name: string } | undefined {
  const name = id === 'Export' ? 'exportDocument' : `${id[0]?.toLowerCase()}${id.slice(1)}`;
  const path = filesLike(/^contract\/src\/api\/\w+\.ts$/).find(({ text }) =>
    text.includes(`export const ${name} =`),
  )?.path;
  return path === undefined ? undefined : { path, name };
}

const widest = 112;

/** JSON in as few lines as are readable: what fits into one stands in one. */
function written(value: unknown, indent = ''): string {
  const short = JSON.stringify(value, null, 1).replaceAll(/\n\s*/g, ' ');
  if (typeof value !== 'object' || value === null || indent.length + short.length <= widest) return short;
  const inner = `${indent}  `;
  const parts = Array.isArray(value)
    ? value.map((each) => `${inner}${written(each, inner)}`)
    : Object.entries(value).map(([key, each]) => `${inner}${JSON.stringify(key)}: ${written(each, inner)}`);
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  return `${open}\n${parts.join(',\n')}\n${indent}${close}`;
}

export const jsonBlock = (value: unknown): string => `\`\`\`json\n${written(value)}\n\`\`\``;

const refId = (schema: unknown): string | undefined =>
  /"\$ref":"#\/components\/schemas\/(\w+)"/.exec(JSON.stringify(schema))?.[1];

function parameters({ parameters: all }: Operation): string {
  if (all.length === 0) return '';
  const rows = all.map(({ name, required, description, schema }) => [
    code(name),
    schema.items === undefined ? formOf(schema) : `${formOf(schema.items)}, at most ${schema.maxItems} times`,
    required ? 'required' : schema.default === undefined ? '' : code(String(schema.default)),
    // Else GitHub takes `<label>` for an element.
    description.replaceAll('<', '\\<'),
  ]);
  return table(['parameter', 'form', 'default', 'meaning'], rows);
}

/** What an answer of JSON holds: its members and an example, or in one sentence what an export is. */
function answerOf(id: string, schemas: Readonly<Record<string, unknown>>): string {
  if (id === 'Export') return exportWords();
  const schema = jsonSchema.parse(schemas[id]);
  const declared = declarationOf(id);
  const described = declared === undefined ? undefined : describedIn(declared.path, declared.name);
  if (described === undefined) throw new Error(`contract/src/api declares no schema for ${id} of the API's document`);
  const rows = fieldsOf(schema, described).map(({ path, form, meaning }) => [code(path), form, meaning]);
  return [
    table(['member', 'form', 'meaning'], rows),
    `<details><summary>Example</summary>\n\n${jsonBlock(exampleOf(schema))}\n\n</details>`,
  ].join('\n\n');
}

function exportWords(): string {
  const columns = Object.entries(exportRow).map(([type, { shape }]) => [
    code(type),
    Object.keys(shape).map(code).join(', '),
  ]);
  return `JSON is \`{"type", "from", "to", "truncated", "rows"}\`; CSV (RFC 4180) has a line of names first. A row has these members, and the CSV these
columns, in this order; \`metrics\` are the windows of [\`/trends\`](#get-apiadminobservabilitytrends), flat:

${table(['type', 'members'], columns)}`;
}

function answers({ responses }: Operation, schemas: Readonly<Record<string, unknown>>): string[] {
  return responses
    .filter(({ codes }) => codes.length === 0)
    .flatMap(({ status, description, content }) => {
      const types = Object.keys(content);
      const id = refId(content['application/json']?.schema);
      const inline = content['application/json']?.schema;
      const as = types.length === 0 || types.join() === 'application/json' ? '' : ` (${types.join(' or ')})`;
      const line = `**${status}**${as} ${description}`;
      if (id !== undefined && status === String(httpOk)) return [line, answerOf(id, schemas)];
      return inline === undefined ? [line] : [line, jsonBlock(exampleOf(jsonSchema.parse(inline)))];
    });
}

function refusals({ responses }: Operation): string {
  const refused = responses.flatMap(({ codes }) => codes.map((each) => `${reasons[each].httpStatus} ${code(each)}`));
  return refused.length === 0 ? '' : `Errors: ${refused.join(', ')}.`;
}

function body({ requestBody }: Operation): string {
  const schema = requestBody?.content['application/json']?.schema;
  return schema === undefined ? '' : `Takes JSON:\n\n${jsonBlock(exampleOf(jsonSchema.parse(schema)))}`;
}

/** What the reference says of one endpoint. */
export function sectionOf(operation: Operation, schemas: Readonly<Record<string, unknown>>): string {
  const { method, path, summary, description } = operation;
  return [
    `## \`${method} ${path}\``,
    [`${summary}.`, description].filter((part) => part !== '').join(' '),
    parameters(operation),
    body(operation),
    ...answers(operation, schemas),
    refusals(operation),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}
