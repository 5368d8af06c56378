import { problem } from '@command-center/contract/api/primitives';

/** Why there is no answer. `text` is a sentence for the reader. */
export interface Failure {
  readonly kind: 'signedOut' | 'forbidden' | 'databaseAway' | 'unreachable' | 'refused' | 'notUnderstood';
  readonly text: string;
  /** The request's parameter at fault, where there is one. */
  readonly parameter?: string;
  /** Where to sign in, where that is possible in a browser. */
  readonly signInPath?: string;
}

const problemPrefix = 'urn:command-center:problem:';

const kinds: Readonly<Record<string, Failure['kind']>> = {
  unauthenticated: 'signedOut',
  login_expired: 'signedOut',
  forbidden: 'forbidden',
  database_unavailable: 'databaseAway',
  deadline_exceeded: 'databaseAway',
  starting: 'unreachable',
  stopping: 'unreachable',
  // It may answer the next time, so it is asked again.
  internal: 'unreachable',
  overloaded: 'unreachable',
  too_many_requests: 'unreachable',
  identity_unavailable: 'unreachable',
  live_full: 'unreachable',
  export_bucket_unavailable: 'unreachable',
};

const texts: Readonly<Record<string, string>> = { internal: 'Command Center could not answer.' };

/** Reads the body of an answer that is no success (RFC 9457). */
export function failureOf(body: unknown): Failure {
  const read = problem.safeParse(body);
  if (!read.success) return { kind: 'unreachable', text: 'Something else than Command Center answered.' };
  const { type, detail, parameter, sign_in: signInPath } = read.data;
  const code = type.startsWith(problemPrefix) ? type.slice(problemPrefix.length) : '';
  const kind = kinds[code] ?? 'refused';
  const text =
    kind === 'databaseAway' ? 'The database does not answer.' : [texts[code], detail].filter(Boolean).join(' ');
  return {
    kind,
    text,
    ...(parameter === undefined ? {} : { parameter }),
    ...(signInPath === undefined ? {} : { signInPath }),
  };
}

export const unreachable: Failure = { kind: 'unreachable', text: 'Command Center does not answer.' };
export const notUnderstood: Failure = {
  kind: 'notUnderstood',
  text: 'The answer is not what this console understands: it is of another version. Reload the page.',
};
