import type { Sql } from 'postgres';
import type { Log } from '../log.ts';
import type { Job } from './leading.ts';
import { moveOldWindows } from './moveWindows.ts';
import type { LeaderSettings } from './settings.ts';

export interface JobContext {
  readonly sql: Sql;
  readonly settings: LeaderSettings;
  /** When this sidecar started. */
  readonly startedAt: Date;
  readonly log: Log;
}

/** What a leader does, in the order in which a new one does it. */
export function jobsOf({ sql }: JobContext): readonly Job[] {
  return [
    {
      name: 'move windows',
      everyMs: 60_000,
      run: async () => {
        await moveOldWindows(sql);
        return false;
      },
    },
  ];
}
