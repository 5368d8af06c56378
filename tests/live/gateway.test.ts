import { summary } from '@command-center/contract/api/summary';
import { liveClose, liveErrorsPerSecond } from '@command-center/contract/live';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../processes/api.ts';
import { openStage, type Stage } from './stage.ts';
import { openSocket, subscribed } from './watcher.ts';

const error = 'admin.observability.error_event';
const snapshot = 'admin.observability.snapshot';
const vitalSigns = 'admin.observability.vital_signs';
const voicePulse = 'admin.observability.voice_pulse';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({ COMMAND_CENTER_ALLOWED_ORIGINS: 'https://console.example' }, 2);
});
afterAll(() => stage.close());

const audited = (status: number) => async () => {
  const [row] = await stage.sql<{ n: number }[]>`
    SELECT coalesce(sum(count), 0)::integer AS n FROM admin_audit_log
    WHERE endpoint = '/api/admin/observability/live' AND status = ${status}`;
  return row?.n ?? 0;
};

describe('an admin who shows a ticket', () => {
  it('gets a snapshot of the present first: the summary, the newest errors, voice', async () => {
    await stage.sendErrors(['before anyone watched']);
    const watcher = await subscribed(stage.sidecar.own, await stage.ticket());
    const { frame } = await watcher.until(snapshot);
    expect(watcher.arrivals[0]?.frame.type).toBe(snapshot);
    expect(frame.data.errors.map(({ message }) => message)).toContain('before anyone watched');
    const answer = summary.parse(await (await stage.call('/summary')).json());
    expect(frame.data.summary.services.map(({ id }) => id)).toEqual(answer.services.map(({ id }) => id));
    expect(frame.data.summary.verdict.status).toBe(answer.verdict.status);
    await watcher.leave();
  });

  it('gets vital signs and the voice pulse every 5 s', async () => {
    const watcher = await subscribed(stage.sidecar.own, await stage.ticket());
    const first = await watcher.until(vitalSigns);
    const second = await watcher.until(vitalSigns, (frame) => frame.id !== first.frame.id);
    expect(second.atMs - first.atMs).toBeGreaterThan(3_000);
    expect(second.atMs - first.atMs).toBeLessThan(8_000);
    expect(second.frame.data.summary.written_at).not.toBe(first.frame.data.summary.written_at);
    await watcher.until(voicePulse);
    await watcher.leave();
  });

  it('gets an ERROR record soon after it was acknowledged, once, whichever sidecar stored it', async () => {
    const watchers = await Promise.all(
      stage.sidecars.map(async ({ own }) => subscribed(own, await stage.ticket(), ['overview'])),
    );
    await Promise.all(watchers.map((watcher) => watcher.until(snapshot)));
    await stage.sendErrors(['told to both']);
    const told = await Promise.all(
      watchers.map((watcher) => watcher.until(error, ({ data }) => data.message === 'told to both')),
    );
    expect(told[0]?.frame).toEqual(told[1]?.frame);
    expect(told[0]?.frame.data).toMatchObject({
      service: 'checkout',
      event: 'payment.failed',
      trace_id: null,
      more: 0,
    });
    const again = await Promise.all(watchers.map((watcher) => watcher.until(vitalSigns)));
    expect(again).toHaveLength(2);
    for (const { arrivals } of watchers)
      expect(arrivals.filter(({ frame }) => frame.id === told[0]?.frame.id)).toHaveLength(1);
    await Promise.all(watchers.map((watcher) => watcher.leave()));
  });

  it('gets what came late, too, where it belongs among the newest', async () => {
    const watcher = await subscribed(stage.sidecar.own, await stage.ticket(), ['overview']);
    await watcher.until(snapshot);
    await stage.sendErrors(['an hour late'], { atMs: Date.now() - 3_600_000 });
    await watcher.until(error, ({ data }) => data.message === 'an hour late');
    await watcher.leave();
  });

  it('gets only the topics it named, and others once it names them, without another ticket', async () => {
    const watcher = await subscribed(stage.sidecar.own, await stage.ticket(), ['overview']);
    await watcher.until(vitalSigns);
    expect(watcher.arrivals.map(({ frame }) => frame.type)).not.toContain(voicePulse);
    watcher.say({ type: 'subscribe', topics: ['voice'] });
    await watcher.until(voicePulse);
    const { length } = watcher.arrivals;
    await watcher.until(
      voicePulse,
      ({ id }) =>
        id !== watcher.arrivals.findLast(({ frame }) => frame.type === voicePulse)?.frame.id ||
        watcher.arrivals.length > length,
    );
    expect(watcher.arrivals.slice(length - 1).map(({ frame }) => frame.type)).not.toContain(error);
    await watcher.leave();
  });
});

it('who names other topics while the ticket is still looked at gets those, and keeps its socket', async () => {
  const watcher = await openSocket(stage.sidecar.own);
  const ticket = await stage.ticket();
  watcher.say({ type: 'subscribe', ticket, topics: ['overview'] });
  watcher.say({ type: 'subscribe', ticket, topics: ['voice'] });
  await watcher.until(voicePulse);
  expect(watcher.arrivals.map(({ frame }) => frame.type)).not.toContain(vitalSigns);
  await watcher.leave();
});

describe('a burst of 10,000 errors within a second', () => {
  it(`sends the newest, at most ${liveErrorsPerSecond} a second, and counts the rest to the last one`, async () => {
    const watcher = await subscribed(stage.sidecar.own, await stage.ticket(), ['overview']);
    await watcher.until(snapshot);
    const from = watcher.arrivals.length;
    const messages = Array.from({ length: 1_000 }, (_, index) => `burst ${index}`);
    const atMs = Date.now();
    for (let batch = 0; batch < 10; batch += 1)
      await stage.sendErrors(
        messages.map((message) => `${message} of ${batch}`),
        { atMs: atMs + batch },
      );
    await eventually(
      async () => {
        const events = watcher.arrivals.slice(from).flatMap(({ frame }) => (frame.type === error ? [frame] : []));
        return events.reduce((sum, { data }) => sum + 1 + data.more, 0);
      },
      (told) => told === 10_000,
    );
    const events = watcher.arrivals.slice(from).filter(({ frame }) => frame.type === error);
    for (const { atMs: at } of events)
      expect(events.filter((other) => other.atMs >= at && other.atMs < at + 950).length).toBeLessThanOrEqual(
        liveErrorsPerSecond,
      );
    await watcher.until(error, ({ data }) => data.message === 'burst 999 of 9');
    await watcher.leave();
  });
});

describe('nobody else receives anything', () => {
  const expectNothing = async (watcher: Awaited<ReturnType<typeof openSocket>>, code: number) => {
    expect((await watcher.ended).code).toBe(code);
    expect(watcher.arrivals).toEqual([]);
  };

  it('a ticket works once', async () => {
    const ticket = await stage.ticket();
    const first = await subscribed(stage.sidecar.own, ticket);
    await first.until(snapshot);
    const before = await audited(401)();
    await expectNothing(await subscribed(stage.sidecars[1]?.own ?? '', ticket), liveClose.refused);
    await eventually(audited(401), (count) => count === before + 1);
    await first.leave();
  });

  it('a ticket that has run out, or that nobody gave', async () => {
    const ticket = await stage.ticket();
    await stage.sql`UPDATE admin_tickets SET expires_at = now() - interval '1 second' WHERE kind = 'live'`;
    const before = await audited(401)();
    await expectNothing(await subscribed(stage.sidecar.own, ticket), liveClose.refused);
    await expectNothing(await subscribed(stage.sidecar.own, 'a-ticket-that-nobody-gave'), liveClose.refused);
    await eventually(audited(401), (count) => count === before + 2);
    const named = await stage.sql`SELECT 1 FROM admin_audit_log WHERE actor = 'admin-token' AND status = 401`;
    expect(named).toHaveLength(1);
  });

  it('the ticket of a login link is none', async () => {
    await stage.sql`UPDATE admin_tickets SET kind = 'login' WHERE kind = 'live'`;
    const ticket = await stage.ticket();
    await stage.sql`UPDATE admin_tickets SET kind = 'login' WHERE kind = 'live'`;
    await expectNothing(await subscribed(stage.sidecar.own, ticket), liveClose.refused);
  });

  it('a page of another origin: refused before it can show a ticket', async () => {
    const before = await audited(403)();
    await expect(openSocket(stage.sidecar.own, 'https://evil.example')).rejects.toThrow('status 403');
    await expect(openSocket(stage.sidecar.own, 'null')).rejects.toThrow('status 403');
    await eventually(audited(403), (count) => count === before + 2);
    for (const origin of ['https://console.example', stage.sidecar.own])
      await (await openSocket(stage.sidecar.own, origin)).leave();
  });

  it('the accesses that were admitted stand in the audit log, by actor and topics', async () => {
    const rows = await stage.sql`
      SELECT DISTINCT actor, action, filters FROM admin_audit_log WHERE endpoint = '/api/admin/observability/live' AND status = 101`;
    expect(rows).toContainEqual({
      actor: 'admin-token',
      action: 'admin.observability.view',
      filters: { topics: ['overview', 'voice'] },
    });
  });

  it('who says nothing within 5 s is closed', async () => {
    await expectNothing(await openSocket(stage.sidecar.own), liveClose.late);
  });

  it('whose identity ends is closed then', async () => {
    const ticket = await stage.ticket();
    await stage.sql`UPDATE admin_tickets SET identity_ends_at = clock_timestamp() + interval '2 seconds' WHERE kind = 'live'`;
    const watcher = await subscribed(stage.sidecar.own, ticket);
    await watcher.until(snapshot);
    expect((await watcher.ended).code).toBe(liveClose.ended);
  });
});

describe('bad frames end the socket they came on, and no other', () => {
  it.each([
    ['no JSON', 'hello'],
    ['JSON that is no object', '7'],
    ['another type', { type: 'unsubscribe', topics: [] }],
    ['a topic that does not exist', { type: 'subscribe', ticket: 'x', topics: ['logs'] }],
    ['a member more', { type: 'subscribe', ticket: 'x', topics: [], constructor: 1 }],
    ['thousands of topics', { type: 'subscribe', ticket: 'x', topics: Array(100).fill('voice') }],
  ])('%s: malformed', async (_, message) => {
    const watcher = await openSocket(stage.sidecar.own);
    watcher.say(message);
    expect((await watcher.ended).code).toBe(liveClose.malformed);
  });

  it('a binary frame: malformed', async () => {
    const watcher = await openSocket(stage.sidecar.own);
    watcher.socket.send(Buffer.from('{"type":"subscribe","ticket":"x","topics":[]}'), { binary: true });
    expect((await watcher.ended).code).toBe(liveClose.malformed);
  });

  it('a huge frame: 1009, before it is read', async () => {
    const watcher = await openSocket(stage.sidecar.own);
    watcher.say('x'.repeat(1_000_000));
    expect((await watcher.ended).code).toBe(1009);
  });

  it('without a ticket at first: refused', async () => {
    const watcher = await openSocket(stage.sidecar.own);
    watcher.say({ type: 'subscribe', topics: ['overview'] });
    expect((await watcher.ended).code).toBe(liveClose.refused);
  });

  it('more messages than anybody needs: closed', async () => {
    const watcher = await subscribed(stage.sidecar.own, await stage.ticket());
    await watcher.until(snapshot);
    for (let n = 0; n < 30; n += 1) watcher.say({ type: 'subscribe', topics: ['overview'] });
    expect((await watcher.ended).code).toBe(liveClose.busy);
  });
});

describe('the sidecar tells how it goes', () => {
  // A browser knows that it is closed before the sidecar has written it down.
  it('each kind of bad frame once, however many came', async () => {
    const causes = () =>
      stage.sidecar
        .stderr()
        .split('\n')
        .filter((line) => line.includes('live client misbehaves'))
        .map((line) => (JSON.parse(line) as { cause: string }).cause)
        .sort();
    const told = await eventually(
      () => Promise.resolve(causes()),
      ({ length }) => length >= 4,
    );
    expect(told).toEqual(['busy', 'huge', 'late', 'malformed']);
  });

  const metric = async (name: string): Promise<number> => {
    const text = await (await fetch(`${stage.sidecar.own}/metrics`)).text();
    return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
  };

  it('how many are pushed to, and forgets who left', async () => {
    const watcher = await subscribed(stage.sidecar.own, await stage.ticket());
    await watcher.until(snapshot);
    expect(await metric('command_center_sidecar_live_clients')).toBe(1);
    await watcher.leave();
    await eventually(
      () => metric('command_center_sidecar_live_clients'),
      (clients) => clients === 0,
    );
  });
});
