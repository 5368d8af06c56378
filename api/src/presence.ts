import type { Sql, TransactionSql } from 'postgres';
import { isConnectionLost, isSaidByServer, isWithoutCode } from './failures.ts';
import { limits } from './limits.ts';
import { NoAnswerError } from './statement.ts';

/** What tells a database that is away from a statement that is slow. */
export interface Presence {
  /** Connections of its own, so that it never waits behind what it asks about. */
  readonly probe: Sql;
  /** Told once a wait is given up: the connections of those who wait are of no use any more. */
  readonly onAway?: () => void;
  /** Questions of several waits may be one; not where a runtime ties each connection to a request. */
  readonly isShared: boolean;
}

/**
 * The same connections, whose transactions (`begin`) and messages (`unsafe`, without parameters) end early where there is no database: what has not ended
 * after `suspectMs` is waited for as long as the database answers on another connection, and else rejects with NoAnswerError. A transaction that fails
 * before it began, over a connection that was lost while nobody used it, is tried again on the next. So is a message whose connection is lost, of which
 * nobody can tell whether it was carried out: it must be one that does no harm twice.
 */
export function withPresence(sql: Sql, presence: Presence): Sql {
  const ask = (ms: number): Promise<boolean> => answers(presence.probe, ms);
  const isThere = presence.isShared ? oneAtATime(ask) : ask;
  let foundAwayAt = Number.NEGATIVE_INFINITY;
  const watch = async <T>(answer: Promise<T>): Promise<T> => {
    const { promise: away, reject } = Promise.withResolvers<never>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isOver = false;
    const look = async (): Promise<void> => {
      const found = await isThere(isSuspected() ? limits.presenceAgainMs : limits.presenceMs);
      if (isOver) return;
      if (found) {
        foundAwayAt = Number.NEGATIVE_INFINITY;
        timer = setTimeout(look, limits.suspectMs);
        return;
      }
      foundAwayAt = performance.now();
      reject(new NoAnswerError('the database answers on no connection'));
      presence.onAway?.();
    };
    const isSuspected = (): boolean => performance.now() - foundAwayAt < limits.awayMemoryMs;
    timer = setTimeout(look, isSuspected() ? 0 : limits.suspectMs);
    try {
      return await Promise.race([answer, away]);
    } finally {
      isOver = true;
      clearTimeout(timer);
    }
  };
  const begin = (modes: string, work: (tx: TransactionSql) => Promise<unknown>): Promise<unknown> =>
    watch(
      onLiving((begun) =>
        sql.begin(modes, (tx) => {
          begun();
          return work(tx);
        }),
      ),
    );
  const unsafe = (text: string, ...more: unknown[]): unknown =>
    more.length === 0 ? watch(onLiving(() => sql.unsafe(text))) : Reflect.apply(sql.unsafe, sql, [text, ...more]);
  const watched = new Map<string | symbol, unknown>(Object.entries({ begin, unsafe }));
  return new Proxy(sql, {
    get: (target, name, receiver) => watched.get(name) ?? Reflect.get(target, name, receiver),
  });
}

/** `attempt` says when it has begun: nothing of it has happened where it fails before, and it is made again on the next connection. */
async function onLiving(attempt: (begun: () => void) => Promise<unknown>): Promise<unknown> {
  for (let lost = 0; ; lost++) {
    let hasBegun = false;
    try {
      return await attempt(() => {
        hasBegun = true;
      });
    } catch (error) {
      if (hasBegun) throw error;
      // Until then it is the connection that fails; Workers give it no code.
      if (isWithoutCode(error)) throw new NoAnswerError('no connection could be made', { cause: error });
      if (lost >= limits.lostConnections || !isConnectionLost(error)) throw error;
    }
    // Those that ended with it are known to have by then, and are not the next to be tried.
    await new Promise((resolve) => setTimeout(resolve, limits.lostPauseMs));
  }
}

/** Who asks while an answer is awaited gets the same. */
function oneAtATime(ask: (ms: number) => Promise<boolean>): (ms: number) => Promise<boolean> {
  let asked: Promise<boolean> | undefined;
  return (ms) => {
    asked ??= ask(ms).finally(() => {
      asked = undefined;
    });
    return asked;
  };
}

/** Whether the database says anything within `ms`, also that it has no room for us: then it is there, and says the same of what waits. */
async function answers(probe: Sql, ms: number): Promise<boolean> {
  const said = probe`/* presence */ SELECT 1`.then(() => true, isSaidByServer);
  const { promise: silence, resolve } = Promise.withResolvers<boolean>();
  // In two halves: where this process itself was held up, what came meanwhile is read between them.
  let timer = setTimeout(() => {
    timer = setTimeout(() => resolve(false), ms / 2);
  }, ms / 2);
  try {
    return await Promise.race([said, silence]);
  } finally {
    clearTimeout(timer);
  }
}
