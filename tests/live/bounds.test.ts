import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../processes/api.ts';
import { administer } from './database.ts';
import { openStage, type Stage } from './stage.ts';
import { openSocket, subscribed, type Watcher } from './watcher.ts';

const snapshot = 'admin.observability.snapshot';
/** RFC 6455, IANA registry: come back later. */
const TRY_AGAIN_LATER = 1013;
/** Sockets that may be open without a ticket (sidecar/src/live/limits.ts). */
const UNKNOWN = 100;

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

describe('strangers', () => {
  it(`hold at most ${UNKNOWN} sockets, and shut no admin out who is watching`, async () => {
    const admin = await subscribed(stage.sidecar.own, await stage.ticket());
    await admin.until(snapshot);
    const strangers = await Promise.all(Array.from({ length: UNKNOWN }, () => openSocket(stage.sidecar.own)));
    await expect(openSocket(stage.sidecar.own)).rejects.toThrow('status 503');
    await stage.sendErrors(['while strangers wait']);
    await admin.until('admin.observability.error_event', ({ data }) => data.message === 'while strangers wait');
    await Promise.all(strangers.map((stranger) => stranger.leave()));
    await admin.leave();
  });

  it('that do not ask for a WebSocket get an answer', async () => {
    const answer = await fetch(`${stage.sidecar.own}/api/admin/observability/live`);
    expect(answer.status).toBe(404);
    await answer.text();
  });
});

describe('a database that goes away', () => {
  let watcher: Watcher;

  it('sends browsers away within seconds, so that polling tells them why', async () => {
    watcher = await subscribed(stage.sidecar.own, await stage.ticket());
    await watcher.until(snapshot);
    const kept = await stage.ticket();
    await administer(stage.databaseUrl, (server, name) =>
      server.unsafe(`ALTER DATABASE ${name} WITH ALLOW_CONNECTIONS false`),
    );
    await administer(
      stage.databaseUrl,
      (server, name) => server`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ${name}`,
    );
    const startedMs = performance.now();
    expect((await watcher.ended).code).toBe(TRY_AGAIN_LATER);
    expect(performance.now() - startedMs).toBeLessThan(10_000);
    // Who comes meanwhile is told the same; nobody is let in without a look at its ticket.
    const early = await subscribed(stage.sidecar.own, kept);
    expect((await early.ended).code).toBe(TRY_AGAIN_LATER);
    expect(early.arrivals).toEqual([]);
  });

  it('and lets them back in once it is there again', async () => {
    await administer(stage.databaseUrl, (server, name) =>
      server.unsafe(`ALTER DATABASE ${name} WITH ALLOW_CONNECTIONS true`),
    );
    const again = await eventually(
      async () => {
        const next = await subscribed(stage.sidecar.own, await stage.ticket());
        return next.until(snapshot).then(
          () => next,
          () => undefined,
        );
      },
      (next) => next !== undefined,
    );
    await again?.leave();
  });

  it('is told to the log once', () => {
    expect(
      stage.sidecar
        .stderr()
        .split('\n')
        .filter((line) => line.includes('live looks fail')),
    ).toHaveLength(1);
  });
});
