import { leaderCadenceSeconds } from '@command-center/contract/cadences';
import type { Contract } from '@command-center/contract/contract';
import type { Sql } from 'postgres';
import type { Log } from '../log.ts';
import { moveOldWindows } from '../store/moveWindows.ts';
import type { DayCloser } from './closeDays.ts';
import type { Job } from './leading.ts';
import { asLeader, leaseSeconds } from './lease.ts';
import { mergePace, mergeSettled } from './merge.ts';
import { createProbes } from './probes/round.ts';
import { purge } from './purge.ts';
import { handOverHours, rollUpDirty, rollUpPace } from './rollUp.ts';
import type { Count, LeaderSettings } from './settings.ts';
import { createSummariser } from './summarise.ts';
import { tidyPacked } from './tidy.ts';

export interface JobContext {
  readonly sql: Sql;
  readonly settings: LeaderSettings;
  readonly contract: Contract;
  /** When this sidecar started. */
  readonly startedAt: Date;
  readonly log: Log;
  readonly count: Count;
  readonly closer: DayCloser;
}

/** What a leader does: lists that run beside each other, each in the order in which a new leader does it. */
export function jobsOf(context: JobContext): readonly (readonly Job[])[] {
  return [[healthJob(context)], upkeepJobs(context)];
}

/** In a list of its own: to see that something is wrong must not wait for a roll-up. */
function healthJob({ sql, settings, contract, startedAt, log }: JobContext): Job {
  const probes = createProbes(contract.services, settings.probes, log);
  const summariser = createSummariser(settings, startedAt, contract);
  return {
    name: 'summarise',
    everyMs: leaderCadenceSeconds * 1000,
    run: async (holder) => {
      const { results, startedMs } = await probes.run();
      await asLeader(sql, holder, async (tx) => {
        await summariser.summarise(tx, holder, results);
        // A leader that was frozen knows nothing of now, even where nobody took its lease.
        if (performance.now() - startedMs > leaseSeconds * 1000) throw new Error('the probes are older than a lease');
      });
      summariser.committed();
      return false;
    },
  };
}

/** What is made of what is stored. */
function upkeepJobs({ sql, settings, contract, log, count, closer }: JobContext): readonly Job[] {
  return [
    {
      name: 'move windows',
      everyMs: 60_000,
      run: async () => {
        await moveOldWindows(sql);
        return false;
      },
    },
    ...hourJobs({ sql, contract, count }),
    {
      name: 'purge',
      everyMs: 3_600_000,
      run: async (holder) => {
        const { rows, partitions, durationMs } = await purge(sql, holder, settings.auditRetentionDays);
        log('purged', { rows, partitions: partitions.length, duration_ms: durationMs });
        count('purgedRows', rows);
        count('purgedPartitions', partitions.length);
        return false;
      },
    },
    {
      name: 'tidy',
      everyMs: 300_000,
      run: async (holder) => {
        const freedBytes = await tidyPacked(sql, holder);
        if (freedBytes > 0) log('tidied', { freed_bytes: freedBytes });
        count('freedBytes', freedBytes);
        return false;
      },
    },
    {
      name: 'close days',
      everyMs: 15_000,
      run: async (holder) => {
        closer.begin(holder);
        return false;
      },
    },
  ];
}

/** What is made of the hours of series and metrics. */
function hourJobs({ sql, contract, count }: Pick<JobContext, 'sql' | 'contract' | 'count'>): readonly Job[] {
  const paces = { rollUp: rollUpPace(), merge: mergePace() };
  let isBehind = false;
  return [
    {
      name: 'roll up',
      everyMs: 15_000,
      run: async (holder) => {
        const isMoreToHandOver = await handOverHours(sql, holder);
        const { rolledUp, packed, isMoreLeft } = await rollUpDirty(sql, holder, contract.catalogue, paces.rollUp);
        count('rolledUpHours', rolledUp);
        count('packedHours', packed);
        isBehind = isMoreLeft || isMoreToHandOver;
        return isBehind;
      },
    },
    {
      name: 'merge',
      everyMs: 15_000,
      run: async (holder) => {
        // A back-fill comes to an hour again and again.
        if (isBehind) return false;
        const { merged, isMoreLeft } = await mergeSettled(sql, holder, contract.catalogue, paces.merge);
        count('mergedHours', merged);
        return isMoreLeft;
      },
    },
  ];
}
