import { leaderCadenceSeconds } from '@command-center/contract/cadences';
import type { Contract } from '@command-center/contract/contract';
import type { Sql } from 'postgres';
import type { Log } from '../log.ts';
import type { Job } from './leading.ts';
import { asLeader } from './lease.ts';
import { moveOldWindows } from './moveWindows.ts';
import { purge } from './purge.ts';
import { handOverHours, rollUpDirty } from './rollUp.ts';
import type { LeaderSettings } from './settings.ts';
import { createSummariser } from './summarise.ts';

export interface JobContext {
  readonly sql: Sql;
  readonly settings: LeaderSettings;
  readonly contract: Contract;
  /** When this sidecar started. */
  readonly startedAt: Date;
  readonly log: Log;
}

/** What a leader does, in the order in which a new one does it. */
export function jobsOf({ sql, settings, contract, startedAt, log }: JobContext): readonly Job[] {
  const summariser = createSummariser(settings, startedAt, contract);
  return [
    {
      name: 'summarise',
      everyMs: leaderCadenceSeconds * 1000,
      run: async (holder) => {
        await asLeader(sql, holder, (tx) => summariser.summarise(tx, holder));
        return false;
      },
    },
    {
      name: 'move windows',
      everyMs: 60_000,
      run: async () => {
        await moveOldWindows(sql);
        return false;
      },
    },
    {
      name: 'roll up',
      everyMs: 15_000,
      run: async (holder) => {
        const isMoreToHandOver = await handOverHours(sql, holder);
        return (await rollUpDirty(sql, holder, contract.catalogue)) || isMoreToHandOver;
      },
    },
    {
      name: 'purge',
      everyMs: 3_600_000,
      run: async (holder) => {
        const { rows, partitions, durationMs } = await purge(sql, holder, settings.auditRetentionDays);
        log('purged', { rows, partitions: partitions.length, duration_ms: durationMs });
        return false;
      },
    },
  ];
}
