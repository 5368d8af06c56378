import { parentPort, workerData } from 'node:worker_threads';
import { createContract } from '@command-center/contract/contract';
import { connect } from '@command-center/drizzle/connect';
import type { Log } from '../log.ts';
import { jobsOf } from './jobs.ts';
import { startLeading } from './leading.ts';
import type { LeaderData, LeaderMessage } from './settings.ts';

/** The leader's thread: connections of its own (one works, one renews the lease), and a stop by message. */

const { databaseUrl, settings, contractFile }: LeaderData = workerData;
const contract = createContract(contractFile);

const log: Log = (event, fields = {}) => {
  const message: LeaderMessage = { event, fields };
  parentPort?.postMessage(message);
};

const sql = connect(databaseUrl, { name: 'command-center-leader', max: 2 });
const leading = startLeading({ sql, jobs: jobsOf({ sql, settings, contract, startedAt: new Date(), log }), log });

parentPort?.once('message', async () => {
  await leading.stop();
  await sql.end({ timeout: 1 });
  parentPort?.close();
});
