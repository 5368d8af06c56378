import type { Refusal } from './problems.ts';
import { NoAnswerError } from './statement.ts';

/** What postgres.js calls a connection that could not be made or was lost. */
const connectionCodes: ReadonlySet<string> = new Set([
  'CONNECT_TIMEOUT',
  'CONNECTION_CLOSED',
  'CONNECTION_DESTROYED',
  'CONNECTION_ENDED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ETIMEDOUT',
]);

/** SQLSTATE classes 08 (connection), 53 (resources), 57P (shutdown), and 28 and 3D: a server that does not let us in. */
const awayState = /^(08|28|3D|53|57P)/;
/** query_canceled: our statement_timeout. */
const cancelledState = '57014';

/**
 * The refusal that answers an error thrown below a route. Only codes are repeated: messages of Postgres may hold values. `isExpected` is false for
 * defects of ours.
 */
export function failureOf(error: unknown): { readonly refusal: Refusal; readonly isExpected: boolean } {
  const code = codeOf(error);
  if (code === cancelledState)
    return expected('deadline_exceeded', 'The query took too long. Ask for a shorter range or more filters.');
  if (error instanceof NoAnswerError) return expected('database_unavailable', 'The database did not answer in time.');
  if (connectionCodes.has(code) || awayState.test(code)) {
    return expected('database_unavailable', `The database does not answer (${code}).`);
  }
  return {
    refusal: { code: 'internal', detail: 'The log of the API has the details under this time.' },
    isExpected: false,
  };
}

function expected(code: 'deadline_exceeded' | 'database_unavailable', detail: string) {
  return { refusal: { code, detail }, isExpected: true };
}

function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  if (typeof error !== 'object' || error === null || !('code' in error)) return '';
  return String(error.code);
}
