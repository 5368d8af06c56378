import { documentOf } from '@command-center/api/openapi/document';
import { isReasonCode, type ReasonCode } from '@command-center/contract/reasons';
import { z } from 'zod';
import { jsonSchema } from './fields.ts';

const content = z.record(z.string(), z.object({ schema: z.unknown() })).default({});
const response = z.object({ $ref: z.string().optional(), description: z.string().default(''), content });
const operation = z.object({
  summary: z.string(),
  description: z.string().default(''),
  security: z.array(z.unknown()).optional(),
  parameters: z
    .array(
      z.object({
        name: z.string(),
        in: z.string(),
        required: z.boolean().default(false),
        description: z.string().default(''),
        schema: jsonSchema,
      }),
    )
    .default([]),
  requestBody: z.object({ content }).optional(),
  responses: z.record(z.string(), response),
});
const opened = z.object({
  paths: z.record(z.string(), z.record(z.string(), operation)),
  components: z.object({ schemas: z.record(z.string(), z.unknown()), responses: z.record(z.string(), response) }),
});

type Response = z.infer<typeof response>;

/** An endpoint as the OpenAPI document has it. */
export interface Operation extends Omit<z.infer<typeof operation>, 'responses'> {
  readonly method: string;
  readonly path: string;
  readonly responses: readonly (Response & { readonly status: string; readonly codes: readonly ReasonCode[] })[];
}

const problemPrefix = /^urn:command-center:problem:/;

/** Codes of the problems that a response may be. */
function codesOf(answer: Response): ReasonCode[] {
  const found = JSON.stringify(answer.content).match(/urn:command-center:problem:\w+/g) ?? [];
  return found.map((type) => type.replace(problemPrefix, '')).filter(isReasonCode);
}

/** The document of the API, with references to responses followed; schemas by their name in it. */
export function readOperations(): { operations: Operation[]; schemas: Readonly<Record<string, unknown>> } {
  const { paths, components } = opened.parse(JSON.parse(JSON.stringify(documentOf('0'))));
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { responses, ...rest }]) => ({
      ...rest,
      method: method.toUpperCase(),
      path,
      responses: Object.entries(responses).map(([status, answer]) => {
        const meant = components.responses[answer.$ref?.split('/').at(-1) ?? ''] ?? answer;
        return { ...meant, status, codes: codesOf(meant) };
      }),
    })),
  );
  return { operations, schemas: components.schemas };
}
