import type { OpenAPIRegistry, RouteConfig } from '@asteasolutions/zod-to-openapi';
import { problem } from '@command-center/contract/api/primitives';
import { httpOk, type ReasonCode, reasons } from '@command-center/contract/reasons';
import type { z } from 'zod';
import { problemMediaType, problemType } from '../problems.ts';

/** The same of an answer that its asker holds already. */
const notModified = 304;

const reference = '#/components/responses/';

const problemName = 'Problem';

/** The schema of every problem, under the name that responses refer to. */
export const namedProblem = problem.meta({ id: problemName });

/** The refusals of every endpoint behind the gate. */
const gateRefusals = ['invalid_parameter', 'unauthenticated', 'forbidden', 'identity_unavailable'] as const;
/** Those of what is read from the database. */
export const readRefusals = ['database_unavailable', 'deadline_exceeded'] as const;
export const viewRefusals = [...gateRefusals, ...readRefusals] as const;

/** Any one of these lets a caller in. */
export const security = [{ bearer: [] }, { session: [] }];

interface ViewTraits {
  /** Answers without the database. */
  readonly isFromMemory?: boolean;
  /** Never the same twice, so that nobody asks whether it is. */
  readonly isVolatile?: boolean;
}

/** The responses of a view: its answer as JSON, under a name of its own in the document, and the refusals that such a view may give. */
export function viewResponses(
  id: string,
  schema: z.ZodType,
  description: string,
  { isFromMemory = false, isVolatile = false }: ViewTraits = {},
): RouteConfig['responses'] {
  const unchanged = { [notModified]: { description: 'Nothing new since the ETag that If-None-Match names.' } };
  return {
    [httpOk]: { description, content: { 'application/json': { schema: schema.meta({ id }) } } },
    ...(isVolatile ? {} : unchanged),
    ...refusals(isFromMemory ? gateRefusals : viewRefusals),
  };
}

/** The problems behind each status: a reference where there is one, else all that it may be. */
export function refusals(codes: readonly ReasonCode[]): RouteConfig['responses'] {
  const byStatus = Map.groupBy(codes, (code) => reasons[code].httpStatus);
  return Object.fromEntries(
    [...byStatus].map(([status, [code, ...others]]) => [
      status,
      code !== undefined && others.length === 0
        ? { $ref: `${reference}${code}` }
        : problemOf(byStatus.get(status) ?? []),
    ]),
  );
}

/** Any of these problems; the members of each are the same. */
function problemOf(codes: readonly ReasonCode[]) {
  const titles = codes.map((code) => reasons[code].title);
  const description = titles
    .map((title, n) => (n === 0 ? title : title[0]?.toLowerCase() + title.slice(1)))
    .join(', or ');
  const schema = {
    allOf: [
      { $ref: `#/components/schemas/${problemName}` },
      { properties: { type: { enum: codes.map(problemType) } } },
    ],
  };
  return { description: `${description}.`, content: { [problemMediaType]: { schema } } };
}

/** Puts the problems that declarations refer to, and the identities, into the document. */
export function registerComponents(registry: OpenAPIRegistry): void {
  const codes = [
    ...viewRefusals,
    'not_found',
    'login_expired',
    'wrong_origin',
    'too_large',
    'unsupported_media_type',
    'too_many_requests',
    'export_bucket_missing',
    'export_bucket_refused',
    'export_bucket_unavailable',
  ] as const;
  for (const code of codes) registry.registerComponent('responses', code, problemOf([code]));
  registry.registerComponent('securitySchemes', 'bearer', { type: 'http', scheme: 'bearer' });
  registry.registerComponent('securitySchemes', 'session', {
    type: 'apiKey',
    in: 'cookie',
    name: 'command_center_session',
  });
}
