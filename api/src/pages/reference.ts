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
  const sections = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(
      ([
        method,
        operation,
      ]) => `<h2 id="${escaped(`${method}-${path}`)}"><code>${method.toUpperCase()} ${escaped(path)}</code></h2>
<p>${escaped(operation.summary)}${operation.security === undefined ? ' <span class="quiet">(without identity)</span>' : ''}</p>
${parameterTable(operation.parameters)}
<table><tr><th>Status</th><th>Answer</th></tr>${Object.entries(operation.responses)
        .map(([status, response]) => `<tr><td>${status}</td><td>${escaped(wordsOf(response))}</td></tr>`)
        .join('')}</table>`,
    ),
  );
  return pageOf(
    info.title,
    `<h1>${escaped(info.title)} <span class="quiet">${escaped(info.version)}</span></h1>
<p>${escaped(info.description)}</p>
<p>The whole document, with every schema: <a href="/openapi.json">/openapi.json</a> (OpenAPI 3.1).</p>
${sections.join('\n')}`,
  );
}

function parameterTable(parameters: z.infer<typeof described>['paths'][string][string]['parameters']): string {
  if (parameters.length === 0) return '';
  const rows = parameters.map(
    ({ name, required, description, schema }) =>
      `<tr><td><code>${escaped(name)}</code>${required ? ' (required)' : ''}</td><td>${escaped(description)}</td><td><code>${escaped(formOf(schema))}</code></td></tr>`,
  );
  return `<table><tr><th>Parameter</th><th>Meaning</th><th>Form</th></tr>${rows.join('')}</table>`;
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
    })
    .safeParse(schema);
  if (!known.success) return '';
  const { type, format, minimum, maximum } = known.data;
  const words = known.data.enum === undefined ? [[type ?? ''].flat().join(' or ')] : [known.data.enum.join(' | ')];
  if (format !== undefined) words.push(format);
  if (minimum !== undefined) words.push(maximum === undefined ? `from ${minimum}` : `${minimum} to ${maximum}`);
  if (known.data.default !== undefined) words.push(`default ${String(known.data.default)}`);
  return words.join(', ');
}
