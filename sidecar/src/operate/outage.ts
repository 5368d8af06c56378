/** Which troubles with Postgres pass by themselves, and how they are told. Source: PostgreSQL manual, appendix A; Node.js, "Common system errors". */

/** Nobody answers there (yet): a server that starts, restarts, fails over, or whose name is not known yet, as in a compose file. */
const AWAY: ReadonlySet<string> = new Set([
  ...[
    'ECONNREFUSED',
    'ECONNRESET',
    'EPIPE',
    'ETIMEDOUT',
    'EHOSTUNREACH',
    'ENETUNREACH',
    'ENOENT',
    'ENOTFOUND',
    'EAI_AGAIN',
  ],
  // The driver's and our own.
  ...['CONNECT_TIMEOUT', 'CONNECTION_CLOSED', 'CONNECTION_ENDED', 'CONNECTION_DESTROYED', 'SERVER_SILENT'],
]);
/** Connection exceptions, insufficient resources (connections, disk, memory), operator intervention (starting up, shutting down), system errors. */
const PASSING_CLASSES: ReadonlySet<string> = new Set(['08', '53', '57', '58']);
/** A standby before its promotion, or default_transaction_read_only. */
const READ_ONLY = '25006';
/** Only migrations wait for locks that another starter, a dump or a report holds. */
const LOCKED_STATES: ReadonlySet<string> = new Set(['55P03', '40001', '40P01']);
const SHORT_OF_RESOURCES = '53';

/**
 * Whether waiting may cure it. What only an operator can mend is not waited for: a password, a role, a database that is not there, a missing right, a
 * certificate, a database that is older than 15 or newer than this version.
 */
export function isPassing(error: unknown): boolean {
  return passingCode(error) !== undefined;
}

/** Of the error or of what caused it; undefined = none that passes. */
function passingCode(error: unknown): string | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    const code = codeOf(at);
    if (AWAY.has(code) || LOCKED_STATES.has(code) || code === READ_ONLY) return code;
    if (isAnswer(at) && PASSING_CLASSES.has(code.slice(0, 2))) return code;
  }
  return undefined;
}

/** What is the matter, and how it showed; in one line. Away is only a server that does not serve. */
export function troubleWords(error: unknown): string {
  return `${stateOf(passingCode(error))}: ${outageWords(error)}`;
}

function stateOf(code: string | undefined): string {
  if (code === undefined) return 'Postgres cannot be used';
  if (LOCKED_STATES.has(code)) return 'a migration is held up';
  if (code === READ_ONLY) return 'Postgres cannot be written to';
  return code.startsWith(SHORT_OF_RESOURCES) ? 'Postgres is short of resources' : 'Postgres is away';
}

/** Whether Postgres itself said so: it has a SQLSTATE. */
export function isAnswer(error: unknown): boolean {
  return error instanceof Error && /^[0-9A-Z]{5}$/.test(codeOf(error));
}

/** One line. Postgres' and the system's own messages about connecting name host, role and database, and no password. */
export function outageWords(error: unknown): string {
  // Of several addresses of a host name, each was tried; the first tells enough.
  const one: unknown = error instanceof AggregateError ? error.errors[0] : error;
  if (!(one instanceof Error)) return String(one);
  const code = codeOf(one);
  const message = one.message.replaceAll(/\s+/g, ' ');
  return code === '' || message.includes(code) ? message : `${message} (${code})`;
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}
