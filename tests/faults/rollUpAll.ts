import { LeaseLost, takeLease } from '@command-center/sidecar/lead/lease';
import { mergeSettled } from '@command-center/sidecar/lead/merge';
import { handOverHours, rollUpDirty } from '@command-center/sidecar/lead/rollUp';
import type { Sql } from 'postgres';

/** Below 0: no sidecar leads under this number, and no writer has it. */
const HOLDER = -1;

/** One turn of the leader's roll-up and merging; whether there is more to do. The lease is of real time, which a busy machine may let run out. */
export async function rollUpOnce(sql: Sql): Promise<boolean> {
  await takeLease(sql, HOLDER);
  try {
    const isMoreToHandOver = await handOverHours(sql, HOLDER);
    const isMoreToRollUp = (await rollUpDirty(sql, HOLDER)).isMoreLeft;
    return (await mergeSettled(sql, HOLDER)).isMoreLeft || isMoreToRollUp || isMoreToHandOver;
  } catch (error) {
    if (error instanceof LeaseLost) return true;
    throw error;
  }
}

/** Every hour that has settled by the schedule's clock. */
export async function rollUpAll(sql: Sql): Promise<void> {
  while (await rollUpOnce(sql));
}

/** The hour from which on the leader has to roll up: nothing is older than its tables. */
export async function startRollUps(sql: Sql, startMs: number): Promise<void> {
  await sql`INSERT INTO telemetry_rollup_progress (next_hour, next_packed_hour, next_merged_hour)
    SELECT hour, hour, hour FROM date_trunc('hour', to_timestamp(${startMs}::double precision / 1000), 'UTC') AS hour`;
}
