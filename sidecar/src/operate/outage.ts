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
/** Read-only (a standby before its promotion), and locks that another starter holds. */
const PASSING_STATES: ReadonlySet<string> = new Set(['25006', '55P03', '40001', '40P01']);

/**
 * Whether waiting may cure it. What only an operator can mend is not waited for: a password, a role, a database that is not there, a missing right, a
 * certificate, a database that is older than 15 or newer than this version.
 */
export function isPassing(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    const code = codeOf(at);
    if (AWAY.has(code) || PASSING_STATES.has(code)) return true;
    if (isAnswer(at) && PASSING_CLASSES.has(code.slice(0, 2))) return true;
  }
  return false;
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
