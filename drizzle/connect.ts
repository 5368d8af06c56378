import postgres, { type Sql } from 'postgres';

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

/** A pool on the one driver. bigint columns come as text, timestamps as Date, bytea as Buffer. */
export function connect(databaseUrl: string, options: ConnectOptions): Sql {
  return postgres(databaseUrl, driverOptions(options));
}

/** What every pool of ours has in common. */
export function driverOptions({ name, max, statementTimeoutMs = STATEMENT_TIMEOUT_MS }: ConnectOptions) {
  return {
    max,
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
