import type { OpenAPIRegistry, RouteConfig } from '@asteasolutions/zod-to-openapi';
import { problem } from '@command-center/contract/api/primitives';
import { httpOk, type ReasonCode, reasons } from '@command-center/contract/reasons';
import type { z } from 'zod';
import { problemMediaType } from '../problems.ts';

/** The same of an answer that its asker holds already. */
const notModified = 304;

const reference = '#/components/responses/';

/** The schema of every problem, under its name in the document. */
export const namedProblem = problem.meta({ id: 'Problem' });

/** The refusals of every endpoint behind the gate. */
export const viewRefusals = [
  'invalid_parameter',
  'unauthenticated',
  'forbidden',
  'database_unavailable',
  'deadline_exceeded',
] as const;

/** Any one of these lets a caller in. */
export const security = [{ bearer: [] }, { session: [] }];

/** The responses of a view: its answer as JSON, under a name of its own in the document, and the refusals that any view may give. */
export function viewResponses(id: string, schema: z.ZodType, description: string): RouteConfig['responses'] {
  return {
    [httpOk]: { description, content: { 'application/json': { schema: schema.meta({ id }) } } },
    [notModified]: { description: 'Nothing new since the ETag that If-None-Match names.' },
    ...refusals(viewRefusals),
  };
}

/** References to the problem of each code. */
export function refusals(codes: readonly ReasonCode[]): Record<number, { $ref: string }> {
  return Object.fromEntries(codes.map((code) => [reasons[code].httpStatus, { $ref: `${reference}${code}` }]));
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
  for (const code of codes) {
    registry.registerComponent('responses', code, {
      description: `${reasons[code].title}.`,
      content: { [problemMediaType]: { schema: { $ref: '#/components/schemas/Problem' } } },
    });
  }
  registry.registerComponent('securitySchemes', 'bearer', { type: 'http', scheme: 'bearer' });
  registry.registerComponent('securitySchemes', 'session', {
    type: 'apiKey',
    in: 'cookie',
    name: 'command_center_session',
  });
}
