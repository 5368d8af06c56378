import { probePolicy } from '@command-center/contract/services';
import { ErrorReply, RedisClient } from '@redis/client';
import { lookupOnce } from './names.ts';
import { answers, fails, type Probe } from './probe.ts';
import { codesOf, wordsOf } from './words.ts';

/** First words of the refusals that are told apart; a server's own text may hold more than is shown. */
const refusals: readonly (readonly [RegExp, string])[] = [
  [/^NOAUTH/, 'PING is refused: authentication required'],
  [/^(WRONGPASS|ERR invalid password)/, 'AUTH is refused: wrong user or password'],
  [/^ERR (Client sent AUTH|AUTH <password> called)/, 'AUTH is refused: no password is set there'],
  [/^NOPERM/, 'PING is refused: this user may not'],
  [/^LOADING/, 'PING is refused: it is loading its data'],
  [/^DENIED/, 'PING is refused: protected mode'],
  [/^ERR max number of clients/, 'it has no connection left'],
  [/^ERR .*DB index/, 'SELECT is refused: there is no such database'],
];

/** PING by user, password and database of the URL (redis, rediss, valkey, valkeys), over a connection that is made for it. */
export function valkeyProbe(url: string): Probe {
  // The client knows the older names of the schemes alone.
  const target = url.replace(/^valkey/i, 'redis');
  return async (signal) => {
    // `createClient` would make a method of each of 400 commands: 25 MB for one PING.
    const client = new RedisClient({
      url: target,
      // Without HELLO, which servers before Redis 6 do not know.
      RESP: 2,
      disableClientInfo: true,
      disableOfflineQueue: true,
      maintNotifications: 'disabled',
      // `destroy` does not reach a socket that still connects; the signal does, before the client's own timeout.
      socket: { reconnectStrategy: false, connectTimeout: 2 * probePolicy.timeoutMs, lookup: lookupOnce, signal },
    });
    // What is no RESP is told by this event alone, and unheard it would end the thread.
    const broken = new Promise<never>((_, reject) => client.on('error', reject));
    const ping = async (): Promise<void> => {
      await client.connect();
      if ((await client.sendCommand<string>(['PING'])) !== 'PONG') throw new Error('no PONG');
    };
    try {
      await Promise.race([ping(), broken]);
      return answers('PING answers');
    } catch (error) {
      return fails(reasonOf(error));
    } finally {
      client.destroy();
    }
  };
}

function reasonOf(error: unknown): string {
  if (error instanceof ErrorReply) {
    const known = refusals.find(([pattern]) => pattern.test(error.message));
    return known?.[1] ?? `PING is refused: ${/^[A-Z]{2,20}\b/.exec(error.message)?.[0] ?? 'ERR'}`;
  }
  if (codesOf(error).length > 0) return wordsOf(error);
  const { name } = error instanceof Error ? error.constructor : { name: '' };
  if (/^(SocketClosedUnexpectedly|DisconnectsClient|ClientClosed)Error$/.test(name)) return 'the connection was closed';
  if (name === 'ConnectionTimeoutError') return 'it does not answer';
  return 'its answer is not that of a Valkey';
}
