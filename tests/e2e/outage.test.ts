import { healthRequest } from '@command-center/sidecar/receive/testing/grpcClient';
import { Client, type ClientReadableStream, credentials } from '@grpc/grpc-js';
import type { Sql } from 'postgres';
import { describe, expect, it } from 'vitest';
import { eventually } from '../processes/api.ts';
import { freezePostgres } from '../processes/postgres.ts';
import { startSender, storedBooks } from '../processes/sender.ts';
import { TOLD_WITHIN_MS, unsteadyPostgres } from './unsteadyPostgres.ts';

const TIMEOUT_MS = 120_000;
const stage = unsteadyPostgres();
const times = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;

interface Trouble {
  readonly what: string;
  /** In /readyz, where it is not that Postgres is away. */
  readonly words?: string;
  begin(): Promise<void> | void;
  end(): Promise<void> | void;
}

let thaw: (() => void) | undefined;
const taken: Sql[] = [];

const troubles: readonly Trouble[] = [
  {
    what: 'stopped and started again',
    begin: async () => {
      await stage.wire.cut();
      await stage.server.stop();
    },
    end: async () => {
      await stage.startAgain();
      await stage.wire.mend();
    },
  },
  {
    what: 'frozen (SIGSTOP)',
    begin: () => {
      thaw = freezePostgres(stage.server.pid);
    },
    end: () => thaw?.(),
  },
  { what: 'behind a network that swallows packets', begin: () => stage.wire.silence(), end: () => stage.wire.speak() },
  {
    what: 'read-only',
    words: 'Postgres cannot be written to',
    begin: async () => {
      await stage.direct()`ALTER SYSTEM SET default_transaction_read_only = on`;
      await stage.direct()`SELECT pg_reload_conf()`;
    },
    end: async () => {
      const sql = stage.direct();
      await sql`SET default_transaction_read_only = off`;
      await sql`ALTER SYSTEM RESET default_transaction_read_only`;
      await sql`SELECT pg_reload_conf()`;
    },
  },
  {
    what: 'full of connections',
    words: 'Postgres is short of resources',
    begin: async () => {
      // Others take the places that its sessions leave.
      await stage.wire.cut();
      for (let isFree = true; isFree; ) {
        const sql = stage.direct();
        isFree = await sql`SELECT 1`.then(
          () => true,
          () => false,
        );
        if (isFree) taken.push(sql);
      }
      await stage.wire.mend();
    },
    end: async () => {
      for (const sql of taken.splice(0)) await sql.end();
    },
  },
];

describe('Postgres goes away while the sidecar serves (design §5)', { timeout: TIMEOUT_MS }, () => {
  it.each(troubles)(
    '$what: refuses in time, says so once, recovers by itself, and has lost and doubled nothing',
    async (trouble) => {
      const sidecar = await stage.start();
      await stage.untilReady();
      const client = new Client(sidecar.grpc, credentials.createInsecure());
      const serving = watchHealth(client);
      const sender = startSender(sidecar.http);
      await sender.until((answer) => answer.status === 200);
      await trouble.begin();
      const before = sender.answers.length;
      const refused = await sender.until((answer) => answer.status !== 200);
      expect([refused.status, Number(refused.retryAfter)]).toEqual([503, expect.toSatisfy((s) => s >= 1 && s <= 10)]);
      await stage.untilAway(trouble.words);
      expect((await fetch(`${sidecar.own}/healthz`)).status).toBe(200);
      expect(await stage.metric('degraded')).toBe(1);
      await expect.poll(() => serving.seen, { timeout: TOLD_WITHIN_MS }).toEqual([1, 2]);

      await trouble.end();
      await stage.untilReady();
      await sender.until((answer) => answer.status === 200);
      await expect.poll(() => serving.seen, { timeout: TOLD_WITHIN_MS }).toEqual([1, 2, 1]);
      await sender.finish();
      serving.end();
      client.close();
      for (const answer of sender.answers.slice(before)) {
        expect([0, 200, 503]).toContain(answer.status);
        expect(answer.status).not.toBe(0);
        expect(answer.durationMs).toBeLessThan(TOLD_WITHIN_MS);
      }
      const sql = stage.direct();
      expect(await storedBooks(sql)).toEqual(sender.books());
      expect(times(sidecar.stderr(), /"event":"degraded"/g)).toBe(1);
      expect(await stage.metric('outages_total')).toBe(1);
      // The leader's thread has connections of its own.
      await expectLeader(sql);
      expect(await sidecar.stop()).toMatchObject({ code: 0 });
    },
  );
});

/** Someone leads, and the summary is being written. */
async function expectLeader(sql: Sql): Promise<void> {
  const [now] = await sql<{ now: Date }[]>`SELECT now() AS now`;
  const summaries = () => sql`SELECT 1 FROM telemetry_summary WHERE written_at > ${now?.now ?? ''}`;
  await eventually(summaries, (rows) => rows.length > 0, 30_000);
}

function watchHealth(client: Client): { readonly seen: readonly number[]; end(): void } {
  const seen: number[] = [];
  const asIs = (bytes: Buffer) => bytes;
  const watch: ClientReadableStream<Buffer> = client.makeServerStreamRequest(
    '/grpc.health.v1.Health/Watch',
    asIs,
    asIs,
    healthRequest(''),
  );
  watch.on('data', (bytes: Buffer) => seen.push(bytes[1] ?? 0)).on('error', () => undefined);
  return { seen, end: () => watch.cancel() };
}
