import type { LogEntry } from '../../deps.ts';

/** The identity provider does not answer, or not as it must: nobody can be recognised by it now. The message holds no values of its answers. */
export class ProviderAwayError extends Error {
  override readonly name = 'ProviderAwayError';
}

/** What callers are told; what is wrong is the operator's, in the log. */
export const awayDetail = 'The identity provider does not answer as it must; the log of the API says what is wrong.';

export function awayEntry(error: ProviderAwayError): LogEntry {
  const message = `The identity provider cannot be used: ${error.message}.`;
  return { level: 'warn', event: 'identity_unavailable', message, fields: {} };
}
