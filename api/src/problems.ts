import type { Problem } from '@command-center/contract/api/primitives';
import { type ReasonCode, reasons } from '@command-center/contract/reasons';
import type { TypedResponse } from 'hono';

export const problemMediaType = 'application/problem+json';
/** Seconds after which a refusal that waiting cures is worth another try. */
const retryAfterSeconds = 5;

/**
 * A refusal before it is an answer: a row of the answer table, what happened in this case in one sentence, the parameter that caused it, and the path at
 * which a browser may sign in.
 */
export interface Refusal {
  readonly code: ReasonCode;
  readonly detail: string;
  readonly parameter?: string;
  readonly signIn?: string | undefined;
}

/** What the `type` of a problem says. */
export function problemType(code: ReasonCode): string {
  return `urn:command-center:problem:${code}`;
}

/** The body of a refusal (RFC 9457). */
function problemOf(refusal: Refusal): Problem {
  const { title, httpStatus } = reasons[refusal.code];
  return {
    type: problemType(refusal.code),
    title,
    status: httpStatus,
    detail: refusal.detail,
    ...(refusal.parameter === undefined ? {} : { parameter: refusal.parameter }),
    ...(refusal.signIn === undefined ? {} : { sign_in: refusal.signIn }),
  };
}

/** An answer that any route may give, whatever it declares: its members for the type checker are never read. */
export type Refused = Response & TypedResponse<never, never, never>;

/** Answers with a problem; `headers` beside those that every problem has. */
export function refuse(refusal: Refusal, headers: Readonly<Record<string, string>> = {}): Refused {
  const problem = problemOf(refusal);
  const retry = reasons[refusal.code].isRetryable ? { 'Retry-After': String(retryAfterSeconds) } : {};
  return new Response(JSON.stringify(problem), {
    status: problem.status,
    headers: { ...retry, ...headers, 'Content-Type': problemMediaType },
  }) as Refused;
}
