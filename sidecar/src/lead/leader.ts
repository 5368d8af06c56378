import { Worker } from 'node:worker_threads';
import type { Contract } from '@command-center/contract/contract';
import type { Settings } from '@command-center/contract/settings/settings';
import type { Log } from '../log.ts';
import { type Count, type LeaderData, type LeaderMessage, leaderSettings } from './settings.ts';

/** A thread that died is started again after this long, doubled up to the second number while it keeps dying. */
const RESTART_MS = 1_000;
const MAX_RESTART_MS = 60_000;
/** A thread that lived this long was well. */
const WELL_AFTER_MS = 60_000;
/** The job under way takes < 3 s; what takes longer is rolled back by Postgres. */
const STOP_WITHIN_MS = 4_000;

export interface LeaderOptions {
  readonly settings: Settings;
  readonly contract: Contract;
  readonly databaseUrl: string;
  readonly log: Log;
  readonly count: Count;
}

export interface Leader {
  /** Once the database is migrated; again does nothing. */
  start(): void;
  stop(): Promise<void>;
}

/**
 * The thread that competes to lead, and leads: judging and rolling up must not hold up the receiver's event loop. A thread that dies is
 * started again. Source: design §6.
 */
export function createLeader(options: LeaderOptions): Leader {
  const { settings, contract, databaseUrl, log, count } = options;
  const workerData: LeaderData = { databaseUrl, settings: leaderSettings(settings), contractFile: contract.file };
  let isStopping = false;
  let restartMs = RESTART_MS;
  let restart: NodeJS.Timeout | undefined;

  const start = (): Thread => {
    const startedMs = performance.now();
    return startThread(workerData, { log, count }, () => {
      if (isStopping) return;
      restartMs = performance.now() - startedMs > WELL_AFTER_MS ? RESTART_MS : Math.min(restartMs * 2, MAX_RESTART_MS);
      log('leader thread ended', { restart_in_ms: restartMs });
      restart = setTimeout(() => {
        thread = start();
      }, restartMs);
    });
  };
  let thread: Thread | undefined;
  return {
    start: () => {
      if (!isStopping) thread ??= start();
    },
    stop: async () => {
      isStopping = true;
      clearTimeout(restart);
      await thread?.stop();
    },
  };
}

/** Beside this file, as a source or in the bundle (infra/bundle). */
const entry = import.meta.url.endsWith('.ts')
  ? new URL('./worker.ts', import.meta.url)
  : new URL('./worker.mjs', import.meta.url);

interface Thread {
  stop(): Promise<void>;
}

function startThread(
  workerData: LeaderData,
  { log, count }: Pick<LeaderOptions, 'log' | 'count'>,
  onEnd: () => void,
): Thread {
  const worker = new Worker(entry, { workerData, name: 'leader' });
  worker.on('message', (message: LeaderMessage) => {
    if (message.type === 'log') log(message.event, message.fields);
    else count(message.key, message.value, ...message.labels);
  });
  worker.on('error', (error) => log('leader thread failed', { error: String(error) }));
  const ended = new Promise<void>((resolve) => {
    worker.once('exit', () => {
      resolve();
      onEnd();
    });
  });
  return {
    stop: async () => {
      worker.postMessage('stop');
      const overdue = setTimeout(() => void worker.terminate(), STOP_WITHIN_MS);
      await ended;
      clearTimeout(overdue);
    },
  };
}
