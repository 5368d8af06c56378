import { httpOk, type ReasonCode, reasons } from '@command-center/contract/reasons';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { TypedResponse } from 'hono';
import type { z } from 'zod';
import type { ApiEnv } from '../deps.ts';
import { problemMediaType } from '../problems.ts';

export type Api = OpenAPIHono<ApiEnv>;

/** The status of an answer without a body; every other one stands in the contract's answer table. */
export const noContent = 204;
/** The same of an answer that its asker holds already. */
const notModified = 304;

/** Where every endpoint with telemetry lives (interfaces.md §1). */
export const basePath = '/api/admin/observability';

/** Of the schema of every problem. */
export const problemName = 'Problem';

const reference = '#/components/responses/';

/** The refusals of every endpoint behind the gate. */
export const viewRefusals = [
  'invalid_parameter',
  'unauthenticated',
  'forbidden',
  'database_unavailable',
  'deadline_exceeded',
] as const;

/** The responses of a view: its answer as JSON, under a name of its own in the document, and the refusals that any view may give. */
export function viewResponses<S extends z.ZodType>(id: string, schema: S, description: string) {
  return {
    [httpOk]: { description, content: { 'application/json': { schema: schema.meta({ id }) } } },
    [notModified]: { description: 'Nothing new since the ETag that If-None-Match names.' },
    ...refusals(viewRefusals),
  };
}

/** An answer that is JSON already. `T` says of what: nothing checks it here. */
export function jsonText<T>(text: string): Response & TypedResponse<T, typeof httpOk, 'json'> {
  return new Response(text, { headers: { 'Content-Type': 'application/json' } }) as Response &
    TypedResponse<T, typeof httpOk, 'json'>;
}

/** References to the problem of each code, for route declarations. */
export function refusals(codes: readonly ReasonCode[]): Record<number, { $ref: string }> {
  return Object.fromEntries(codes.map((code) => [reasons[code].httpStatus, { $ref: `${reference}${code}` }]));
}

/** Puts the problems that declarations refer to, and the identities, into the document. */
export function registerComponents(api: Api): void {
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
  const { openAPIRegistry } = api;
  for (const code of codes) {
    openAPIRegistry.registerComponent('responses', code, {
      description: `${reasons[code].title}.`,
      content: { [problemMediaType]: { schema: { $ref: `#/components/schemas/${problemName}` } } },
    });
  }
  openAPIRegistry.registerComponent('securitySchemes', 'bearer', { type: 'http', scheme: 'bearer' });
  openAPIRegistry.registerComponent('securitySchemes', 'session', {
    type: 'apiKey',
    in: 'cookie',
    name: 'command_center_session',
  });
}

/** Any one of these lets a caller in. */
export const security = [{ bearer: [] }, { session: [] }];
