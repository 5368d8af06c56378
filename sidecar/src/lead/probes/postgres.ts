import { probePolicy } from '@command-center/contract/services';
import { connectWithDeadline } from '@command-center/drizzle/deadline';
import { addressesOf } from './names.ts';
import { answers, fails, type Probe } from './probe.ts';
import { codesOf, wordsOf } from './words.ts';

/** SQLSTATEs (PostgreSQL manual, appendix A) of a server that answers, and refuses. */
const refusals: Readonly<Record<string, string>> = {
  '28P01': 'wrong user or password',
  '28000': 'this user may not connect',
  '3D000': 'its database does not exist',
  '53300': 'it has no connection left',
  '57P03': 'it is starting or stopping',
  '57P01': 'it is stopping',
  '57014': 'it took too long',
};

/** SELECT 1 over a connection that is made for it, so that also one more connection is proven. */
export function postgresProbe(url: string): Probe {
  return async (signal) => {
    const { sql, cut } = connectWithDeadline(url, {
      name: 'command-center-probe',
      max: 1,
      statementTimeoutMs: probePolicy.timeoutMs,
    });
    signal.addEventListener('abort', cut, { once: true });
    try {
      const { host, path } = sql.options;
      if (!path) await Promise.any(host.map(addressesOf));
      await sql`/* probe */ SELECT 1`;
      return answers('SELECT 1 answers');
    } catch (error) {
      const state = codesOf(error).find((code) => /^[0-9A-Z]{5}$/.test(code) && /\d/.test(code));
      return fails(state === undefined ? wordsOf(error) : `SELECT 1 is refused: ${refusals[state] ?? state}`);
    } finally {
      // Its Terminate goes out first; what is still open then is closed.
      await sql.end({ timeout: 0 });
      cut();
    }
  };
}
