import type { PoolWithDeadline } from '@command-center/drizzle/deadline';
import { COMMIT_DEADLINE_MS } from '../limits.ts';
import { refuse } from '../receive/door.ts';
import type { ExportResult } from '../receive/export.ts';
import type { Readiness } from './readiness.ts';

/** Commits requests together and answers each. Never rejects. */
type Commit<Request> = (requests: readonly Request[]) => Promise<readonly ExportResult[]>;

/**
 * Bounds a commit in time: what waits while the database is known to be away is sent back at once, and a batch that the server has fallen
 * silent over is given up, so that neither memory nor senders are held.
 */
export function guardedCommit<Request>(
  pool: PoolWithDeadline,
  readiness: Readiness,
  commit: Commit<Request>,
): Commit<Request> {
  return (requests) => {
    const reason = readiness.refusal();
    if (reason === undefined) return pool.within(COMMIT_DEADLINE_MS, () => commit(requests));
    const { message, retryAfterSeconds } = refuse(reason);
    return Promise.resolve(
      requests.map(() => ({
        outcome: 'refused',
        reason,
        message,
        ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
      })),
    );
  };
}
