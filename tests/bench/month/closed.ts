import { connect } from '@command-center/drizzle/connect';
import { createDayCloser } from '@command-center/sidecar/lead/closeDays';
import { lead } from './month.ts';

/** No statement of a bench is ended by a timeout. */
const NO_TIMEOUT_MS = 3_600_000;

/** Closes the days of logs and spans as a leader does, one after another; returns how many partitions that were. Takes the lease for good. */
export async function closeDays(databaseUrl: string): Promise<number> {
  const sql = connect(databaseUrl, { name: 'bench-days', max: 2, statementTimeoutMs: NO_TIMEOUT_MS });
  let closed = 0;
  try {
    await sql`DELETE FROM telemetry_leader`;
    const holder = await lead(sql);
    const closer = createDayCloser({
      sql,
      open: () => connect(databaseUrl, { name: 'bench-days-indexes', max: 1, statementTimeoutMs: NO_TIMEOUT_MS }),
      log: () => undefined,
      count: () => {
        closed += 1;
      },
    });
    for (let before = -1; before < closed; ) {
      before = closed;
      closer.begin(holder);
      await closer.settled();
    }
    return closed;
  } finally {
    await sql.end();
  }
}
