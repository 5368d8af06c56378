import { parentPort, workerData } from 'node:worker_threads';
import { createContract } from '@command-center/contract/contract';
import { connect } from '@command-center/drizzle/connect';
import { connectWithDeadline } from '@command-center/drizzle/deadline';
import type { Log } from '../log.ts';
import { createDayCloser } from './closeDays.ts';
import { jobsOf } from './jobs.ts';
import { startLeading } from './leading.ts';
import type { Count, LeaderData, LeaderMessage } from './settings.ts';

/** The leader's thread: connections of its own (one sees to health, one to upkeep, one renews the lease, one closes days), and a stop by message. */

/** A server that is silent is not waited for. */
const STOP_DEADLINE_MS = 1_500;
/** Indexes of a heavy day take minutes, and wait for reports that began before them. */
const INDEX_TIMEOUT_MS = 600_000;

const { databaseUrl, settings, contractFile }: LeaderData = workerData;
const contract = createContract(contractFile);

const tell = (message: LeaderMessage): void => parentPort?.postMessage(message);
const log: Log = (event, fields = {}) => tell({ type: 'log', event, fields });
const count: Count = (key, value, ...labels) => tell({ type: 'count', key, value, labels });

const pool = connectWithDeadline(databaseUrl, { name: 'command-center-leader', max: 3 });
const { sql } = pool;
const closer = createDayCloser({
  sql,
  open: () => connect(databaseUrl, { name: 'command-center-days', max: 1, statementTimeoutMs: INDEX_TIMEOUT_MS }),
  log,
  count,
});
const leading = startLeading({
  pool,
  jobs: jobsOf({ sql, settings, contract, startedAt: new Date(), log, count, closer }),
  log,
  count,
});

parentPort?.once('message', async () => {
  await pool.within(STOP_DEADLINE_MS, () => Promise.all([closer.stop(), leading.stop()]));
  await sql.end({ timeout: 1 });
  parentPort?.close();
});
