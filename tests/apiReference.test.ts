import { describedIn } from '@command-center/infra/generate/api/comments';
import { exampleOf, fieldsOf, jsonSchema } from '@command-center/infra/generate/api/fields';
import { readOperations } from '@command-center/infra/generate/api/operations';
import { apiPage } from '@command-center/infra/generate/api/page';
import { declarationOf, jsonBlock } from '@command-center/infra/generate/api/sections';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { routes } from './api/routeTable.ts';

const { operations, schemas } = readOperations();
const answers = Object.entries(schemas).filter(([id]) => id !== 'Problem');
const page = apiPage();

/** The zod schema that an answer of the document is made of. */
async function schemaOf(id: string): Promise<z.ZodType> {
  const declared = declarationOf(id);
  if (declared === undefined) throw new Error(`no schema for ${id}`);
  const found: unknown = Reflect.get(await import(`../${declared.path}`), declared.name);
  if (!(found instanceof z.ZodType)) throw new Error(`${declared.name} of ${declared.path} is no schema`);
  return found;
}

describe('the reference of the API (docs/api.md)', () => {
  it.each(answers)('has an example of %s that its schema takes', async (id, schema) => {
    const example = exampleOf(jsonSchema.parse(schema));
    expect((await schemaOf(id)).safeParse(example).error).toBeUndefined();
    // What an export holds is said in words.
    expect(page.includes(jsonBlock(example))).toBe(id !== 'Export');
  });

  it.each(operations.map((each) => [`${each.method} ${each.path}`, each] as const))('has %s', (title, operation) => {
    const section = page.split(/^## /m).find((part) => part.startsWith(`\`${title}\`\n`)) ?? '';
    for (const { name } of operation.parameters) expect(section).toContain(`| \`${name}\` |`);
    for (const { status, codes } of operation.responses)
      for (const words of codes.length === 0 ? [`**${status}**`] : codes.map((code) => `${status} \`${code}\``))
        expect(section).toContain(words);
  });

  it.each(routes.map(({ method, path }) => `${method} ${path}`))('has every route that answers: %s', (route) => {
    expect(page).toContain(`\`${route}\``);
  });

  it('says of members what the comments of their schema say, also behind lists, shapes and extensions', () => {
    const of = (id: string, file: string, name: string) =>
      new Map(
        fieldsOf(jsonSchema.parse(schemas[id]), describedIn(`contract/src/api/${file}.ts`, name)).map((each) => [
          each.path,
          each,
        ]),
      );
    const summary = of('Summary', 'summary', 'summary');
    expect(summary.get('verdict.reason')?.meaning).toBe('One sentence: the first cause in words.');
    expect(summary.get('vital_signs.errors')?.meaning).toBe('As `vital_signs.latency`.');
    expect(summary.get('stale')?.meaning).not.toContain('§');
    const pipeline = of('Infrastructure', 'infrastructure', 'infrastructure');
    expect(pipeline.get('pipeline.queues[].percent')?.meaning).toBe('0-100 of the most there may be.');
    expect(pipeline.get('database.query_duration')?.meaning).toContain('[`/trends`]');
  });
});
