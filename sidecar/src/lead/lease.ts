import { transaction } from '@command-center/drizzle/transaction';
import type { Sql, TransactionSql } from 'postgres';

/** Validity of the lease by the database's clock; it is renewed every 2 s (design §6). */
export const leaseSeconds = 6;
/** A leader transaction that has not ended by then would outlive its lease. */
const TRANSACTION_TIMEOUT = '3s';

/** Another sidecar leads by now: what was written is rolled back. */
export class LeaseLost extends Error {
  constructor(holder: number) {
    super(`holder ${holder} no longer leads`);
    this.name = 'LeaseLost';
  }
}

/** An identity for a process that wants to lead: of the writers' sequence, so never used before. */
export async function newHolder(sql: Sql): Promise<number> {
  const [row] = await sql<{ holder: number }[]>`
    /* new-holder */
    SELECT nextval('telemetry_writers')::integer AS holder`;
  if (row === undefined) throw new Error('nextval returned no row');
  return row.holder;
}

/** Takes the lease where it is free or has run out, and renews it where it is the holder's. Returns whether the holder leads now. */
export async function takeLease(sql: Sql, holder: number): Promise<boolean> {
  const until = sql`clock_timestamp() + make_interval(secs => ${leaseSeconds})`;
  const rows = await sql`
    /* take-lease */
    INSERT INTO telemetry_leader AS l (holder, until) VALUES (${holder}, ${until})
    ON CONFLICT (only_row) DO UPDATE SET holder = excluded.holder, until = ${until}
    WHERE l.holder = excluded.holder OR l.until < clock_timestamp()
    RETURNING 1`;
  return rows.length > 0;
}

/** Lets another sidecar take over at once. */
export async function releaseLease(sql: Sql, holder: number): Promise<void> {
  await sql`
    /* release-lease */
    DELETE FROM telemetry_leader WHERE holder = ${holder}`;
}

/**
 * One transaction of the leader, READ COMMITTED; it commits only if the lease is still the holder's at its end (design §6).
 * @throws LeaseLost
 */
export function asLeader<T>(sql: Sql, holder: number, work: (tx: TransactionSql) => Promise<T>): Promise<T> {
  return transaction(sql, 'isolation level read committed', async (tx) => {
    // Plans are made anew: one for any hours reads all partitions, and took ten times as long.
    await tx`SELECT set_config('statement_timeout', ${TRANSACTION_TIMEOUT}, true), set_config('plan_cache_mode', 'force_custom_plan', true)`;
    const value = await work(tx);
    const held = await tx`
      /* hold-lease */
      SELECT 1 FROM telemetry_leader WHERE holder = ${holder} AND until > clock_timestamp() FOR SHARE`;
    if (held.length === 0) throw new LeaseLost(holder);
    return value;
  });
}
