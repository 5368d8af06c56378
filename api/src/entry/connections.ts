import { type Cut, patientSocket } from '@command-center/drizzle/socket';
import postgres, { type Sql } from 'postgres';
import { limits } from '../limits.ts';
import { withPresence } from '../presence.ts';
import { driverOptions } from './driver.ts';

/** A Postgres that is silent for so long is gone: it ends every statement before. */
const silenceMs = limits.statementMs + limits.answerGraceMs;

export interface Connections {
  readonly sql: Sql;
  /** Waits at most `seconds` for statements in flight. */
  end(seconds: number): Promise<void>;
}

/** A pool over Node's sockets, and one more connection, made when needed, that tells whether the database is there. */
export function connect(databaseUrl: string, max: number, idleSeconds: number): Connections {
  const cuts = new Set<Cut>();
  const socket = patientSocket(databaseUrl, silenceMs, (cut) => {
    cuts.add(cut);
    return () => cuts.delete(cut);
  });
  const options = { ...socket, ...driverOptions, idle_timeout: idleSeconds };
  const pool = postgres(databaseUrl, { ...options, max });
  const probe = postgres(databaseUrl, { ...options, max: 1 });
  const onAway = (): void => {
    const error = Object.assign(new Error('Postgres does not answer'), { code: 'ETIMEDOUT' });
    for (const cut of [...cuts]) cut(error);
  };
  return {
    sql: withPresence(pool, { probe, onAway, isShared: true }),
    async end(seconds) {
      await Promise.all([pool.end({ timeout: seconds }), probe.end({ timeout: 0 })]);
    },
  };
}
