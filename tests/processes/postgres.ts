import process from 'node:process';
import { childrenOf } from './descendants.ts';

/** Stops every process of a Postgres as a hung machine does: connections stay, nothing answers. Returns what lets them go on. Linux alone. */
export function freezePostgres(postmasterPid: number): () => void {
  const frozen: number[] = [];
  const freeze = (pid: number): void => {
    if (frozen.includes(pid)) return;
    process.kill(pid, 'SIGSTOP');
    frozen.push(pid);
  };
  // First the one that could start others.
  freeze(postmasterPid);
  for (const pid of childrenOf(postmasterPid)) freeze(pid);
  return () => {
    for (const pid of frozen) {
      try {
        process.kill(pid, 'SIGCONT');
      } catch {
        // A backend may have gone since.
      }
    }
  };
}
