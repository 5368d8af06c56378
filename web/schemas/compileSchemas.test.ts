import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { built, loaded } from '../testing/built.ts';
import { compileSchemas, schemaFiles } from './compileSchemas.ts';
import { mangled, valuesOf } from './testing/values.ts';

interface Parsing {
  safeParse(value: unknown): { readonly success: boolean; readonly data?: unknown };
  readonly options?: readonly unknown[];
}

type Exported = Readonly<Record<string, unknown>>;

const wireFiles = schemaFiles.map((file, index) => ({ file, name: `file${index}` }));
const code = await built(
  wireFiles.map(({ file, name }) => `export * as ${name} from ${JSON.stringify(file)};`).join('\n'),
  compileSchemas(),
);
const modules = await loaded<Readonly<Record<string, Exported>>>(code);

/** Each exported schema, as zod has it and as the console has it. */
const pairs = await Promise.all(
  wireFiles.map(async ({ file, name }) => {
    const origin: Exported = await import(/* @vite-ignore */ file);
    return Object.entries(origin).flatMap(([key, schema]) =>
      schema instanceof z.ZodType ? [{ name: key, schema, reader: modules[name]?.[key] as Parsing | undefined }] : [],
    );
  }),
).then((lists) => lists.flat());
const withReader = pairs.flatMap(({ name, schema, reader }) =>
  reader === undefined ? [] : [{ name, schema, reader }],
);

describe('The schemas of the wire in the console', () => {
  it('all have a reader but what a browser only says', () => {
    expect(pairs.filter(({ reader }) => reader === undefined).map(({ name }) => name)).toEqual(['subscribe']);
  });

  it.each(withReader)('read what zod reads, and refuse what zod refuses: $name', ({ schema, reader }) => {
    let refusals = 0;
    fc.assert(
      fc.property(valuesOf(schema), fc.infiniteStream(fc.nat()), fc.boolean(), (value, choices, isMangled) => {
        const given: unknown = JSON.parse(JSON.stringify(isMangled ? mangled(value, choices) : value));
        const expected = schema.safeParse(given);
        if (!expected.success) refusals++;
        const { success, data } = reader.safeParse(given);
        expect({ success, data }).toEqual({ success: expected.success, data: expected.data });
      }),
      { numRuns: 200 },
    );
    expect(refusals).toBeGreaterThan(20);
  });

  it('keep the words of an enumeration', () => {
    for (const { schema, reader } of withReader)
      if (schema instanceof z.ZodEnum) expect(reader.options).toEqual(schema.options);
  });

  it('leave no zod behind, and none may come in', async () => {
    expect(code).not.toContain('ZodType');
    await expect(built("import { z } from 'zod'; export default z.string();", compileSchemas())).rejects.toThrow(
      'loads no zod',
    );
  });
});
