import {
  call,
  healthRequest,
  oneResource,
  paths,
  retrySeconds,
} from '@command-center/sidecar/receive/testing/grpcClient';
import { Client, credentials, status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { startSender, storedBooks } from '../processes/sender.ts';
import { failedStart } from '../processes/sidecar.ts';
import { unsteadyPostgres } from './unsteadyPostgres.ts';

const TIMEOUT_MS = 120_000;
const stage = unsteadyPostgres();
const times = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;

describe('Postgres is away when the sidecar starts', { timeout: TIMEOUT_MS }, () => {
  it('opens its doors, asks senders to come again, and serves once the database is there, migrating it', async () => {
    await stage.wire.cut();
    const sidecar = await stage.start();
    const sender = startSender(sidecar.http);
    const refused = await sender.until(() => true);
    expect([refused.status, Number(refused.retryAfter)]).toEqual([503, expect.toSatisfy((s) => s >= 1 && s <= 10)]);
    const client = new Client(sidecar.grpc, credentials.createInsecure());
    const outcome = await call(client, paths.metrics, oneResource);
    expect([outcome.code, retrySeconds(outcome)]).toEqual([status.UNAVAILABLE, 1]);
    const health = () => call(client, '/grpc.health.v1.Health/Check', healthRequest(''));
    expect((await health()).bytes).toEqual(Buffer.from([8, 2]));
    expect((await fetch(`${sidecar.own}/healthz`)).status).toBe(200);
    const { status: code, words } = await stage.readiness();
    expect(code).toBe(503);
    expect(words).toContain('ECONNREFUSED');
    expect(await stage.metric('degraded')).toBe(1);

    await stage.wire.mend();
    await stage.untilReady();
    expect((await health()).bytes).toEqual(Buffer.from([8, 1]));
    await sender.until((answer) => answer.status === 200);
    await sender.finish();
    client.close();
    expect(await storedBooks(stage.direct())).toEqual(sender.books());
    expect(times(sidecar.stderr(), /"event":"degraded"/g)).toBe(1);
    expect(times(sidecar.stderr(), /"event":"recovered"/g)).toBe(1);
    expect(await sidecar.stop()).toMatchObject({ code: 0 });
  });

  it('waits for a server that takes connections and says nothing', async () => {
    stage.wire.silence();
    await stage.start();
    expect((await stage.readiness()).status).toBe(503);
    stage.wire.speak();
    await stage.untilReady();
  });

  it.each([
    { what: 'a wrong password', change: { password: 'wrong' }, words: /password/ },
    {
      what: 'a database that does not exist',
      change: { pathname: '/nowhere' },
      words: /nowhere/,
    },
  ])('does not wait for $what: one line that names the variable, and the end', async ({ change, words }) => {
    const url = new URL(stage.server.url);
    Object.assign(url, change);
    const { code, stderr } = await failedStart({ COMMAND_CENTER_DATABASE_URL: url.href });
    expect(code).toBe(1);
    const lines = stderr.trim().split('\n');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^COMMAND_CENTER_DATABASE_URL: /);
    expect(lines[0]).toMatch(words);
    expect(stderr).not.toContain(new URL(stage.server.url).password);
  });
});
