import { z } from 'zod';
import { escaped, type Page, pageOf } from './page.ts';

/** What the page reads of an OpenAPI document. */
const described = z.object({
  info: z.object({ title: z.string(), version: z.string(), description: z.string().default('') }),
  components: z.object({ responses: z.record(z.string(), z.object({ description: z.string() })) }),
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({
        summary: z.string().default(''),
        security: z.array(z.unknown()).optional(),
        parameters: z
          .array(
            z.object({
              name: z.string(),
              required: z.boolean().default(false),
              description: z.string().default(''),
              schema: z.unknown(),
            }),
          )
          .default([]),
        responses: z.record(z.string(), z.object({ description: z.string().optional(), $ref: z.string().optional() })),
      }),
    ),
  ),
});

/** The reference of the API as one page, written out of its OpenAPI document. */
export function referencePage(document: unknown): Promise<Page> {
  const { info, paths, components } = described.parse(document);
  const wordsOf = (response: { description?: string | undefined; $ref?: string | undefined }): string =>
    response.description ?? components.responses[response.$ref?.split('/').at(-1) ?? '']?.description ?? '';
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => {
      const name = escaped(`${method.toUpperCase()} ${path}`);
      return { name, id: escaped(`${method}-${path}`), operation };
    }),
  );
  const contents = operations.map(
    ({ name, id, operation }) =>
      `<tr><td><a href="#${id}"><code>${name}</code></a></td><td>${inWords(operation.summary)}</td></tr>`,
  );
  const sections = operations.map(({ name, id, operation }) => {
    const answers = Object.entries(operation.responses).map(
      ([status, response]) => `<tr><td>${status}</td><td>${inWords(wordsOf(response))}</td></tr>`,
    );
    return `<h2 id="${id}"><code>${name}</code></h2>
<p>${inWords(operation.summary)}${operation.security === undefined ? ' <span class="quiet">(without identity)</span>' : ''}</p>
${parameterTable(operation.parameters)}
<table class="aligned"><tr><th>Status</th><th>Answer</th></tr>${answers.join('')}</table>`;
  });
  return pageOf(
    info.title,
    `<h1>${escaped(info.title)} <span class="quiet">${escaped(info.version)}</span></h1>
<p>${inWords(info.description)}</p>
<p>The whole document, with every schema: <a href="/openapi.json">/openapi.json</a> (OpenAPI 3.1).</p>
<table><tr><th>Request</th><th>Answers</th></tr>${contents.join('')}</table>
${sections.join('\n')}`,
  );
}

/** A sentence of the document, whose code stands in backticks. */
function inWords(text: string): string {
  return escaped(text).replace(/`([^`]+)`/g, '<code>$1</code>');
}

function parameterTable(parameters: z.infer<typeof described>['paths'][string][string]['parameters']): string {
  if (parameters.length === 0) return '';
  const rows = parameters.map(
    ({ name, required, description, schema }) =>
      `<tr><td><code>${escaped(name)}</code>${required ? ' (required)' : ''}</td><td>${inWords(description)}</td><td><code>${escaped(formOf(schema))}</code></td></tr>`,
  );
  return `<table class="aligned"><tr><th>Parameter</th><th>Meaning</th><th>Form</th></tr>${rows.join('')}</table>`;
}

/** A schema in a few words. */
function formOf(schema: unknown): string {
  const known = z
    .object({
      type: z.union([z.string(), z.array(z.string())]).optional(),
      enum: z.array(z.unknown()).optional(),
      minimum: z.number().optional(),
      maximum: z.number().optional(),
      default: z.unknown().optional(),
      format: z.string().optional(),
      items: z.unknown().optional(),
    })
    .safeParse(schema);
  if (!known.success) return '';
  const { type, format, minimum, maximum, items } = known.data;
  if (items !== undefined) return `${formOf(items)}, repeatable`;
  const words = known.data.enum === undefined ? [[type ?? ''].flat().join(' or ')] : [known.data.enum.join(' | ')];
  if (format !== undefined) words.push(format);
  if (minimum !== undefined) words.push(maximum === undefined ? `from ${minimum}` : `${minimum} to ${maximum}`);
  if (known.data.default !== undefined) words.push(`default ${String(known.data.default)}`);
  return words.join(', ');
}
