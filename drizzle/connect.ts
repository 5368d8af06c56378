import postgres, { type Sql } from 'postgres';
import { type OnSocket, patientSocket } from './socket.ts';

export interface ConnectOptions {
  /** Shown in pg_stat_activity. */
  readonly name: string;
  /** Connections of the pool. */
  readonly max: number;
  readonly statementTimeoutMs?: number;
}

/** No batch lives over 60 s (design §4): a statement that takes longer than this is ended by the server. */
const STATEMENT_TIMEOUT_MS = 15_000;
/** A transaction whose client fell silent must not hold its locks. */
const IDLE_TRANSACTION_TIMEOUT_MS = 10_000;
const CONNECT_TIMEOUT_S = 5;
/** Longest pause between two tries to connect: the driver's own 20 s would prolong every outage by as much. */
const MAX_BACKOFF_S = 1;
/** Beyond the time in which the server itself ends a statement. */
const ANSWER_GRACE_MS = 5_000;

/** A pool on the one driver. bigint columns come as text, timestamps as Date, bytea as Buffer; arrays travel as text, both ways. */
export function connect(databaseUrl: string, options: ConnectOptions): Sql {
  return postgres(databaseUrl, driverOptions(databaseUrl, options));
}

/** What every pool of ours has in common. */
export function driverOptions(
  databaseUrl: string,
  { name, max, statementTimeoutMs = STATEMENT_TIMEOUT_MS }: ConnectOptions,
  onSocket?: OnSocket,
) {
  return {
    ...patientSocket(databaseUrl, statementTimeoutMs + ANSWER_GRACE_MS, onSocket),
    max,
    // Where the connection ends during that query no one can catch its error, and the process ends.
    fetch_types: false,
    connect_timeout: CONNECT_TIMEOUT_S,
    backoff: (retries: number) => Math.min(2 ** retries / 50, MAX_BACKOFF_S),
    onnotice: () => undefined,
    connection: {
      application_name: name,
      TimeZone: 'UTC',
      statement_timeout: statementTimeoutMs,
      idle_in_transaction_session_timeout: IDLE_TRANSACTION_TIMEOUT_MS,
    },
  };
}
