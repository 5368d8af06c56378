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

/** Those of a connection that was there. */
const lostCodes: ReadonlySet<string> = new Set(['CONNECTION_CLOSED', 'CONNECTION_DESTROYED', 'ECONNRESET', 'EPIPE']);
/** admin_shutdown and its kin: the last words of a connection that the server ends. */
const lastWords = /^57P0[1245]$/;

/** SQLSTATE classes 08 (connection), 53 (resources), 57P (shutdown), and 28 and 3D: a server that does not let us in. */
const awayState = /^(08|28|3D|53|57P)/;
/** query_canceled: our statement_timeout. */
const cancelledState = '57014';

/** Whether a connection that had been made ended, whoever ended it. */
export function isConnectionLost(error: unknown): boolean {
  const code = codeOf(error);
  return lostCodes.has(code) || lastWords.test(code);
}

export function isWithoutCode(error: unknown): boolean {
  return codeOf(error) === '';
}

/** Whether Postgres itself said it: its errors alone have a severity. Names of classes are not those of the driver in a bundle. */
export function isSaidByServer(error: unknown): boolean {
  return error instanceof Error && 'severity' in error;
}

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

/** What Workers say of a connection that ends, in place of a code. */
const lostOnWorkers = /^Network connection lost/;

function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  if (error instanceof Error && !('code' in error) && lostOnWorkers.test(error.message)) return 'ECONNRESET';
  if (typeof error !== 'object' || error === null || !('code' in error)) return '';
  return String(error.code);
}
