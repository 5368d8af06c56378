import { liveClose } from '@command-center/contract/live';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Failure } from './failure.ts';
import { FakeWorld } from './testing/fakeSocket.ts';
import { snapshotAt } from './testing/liveFrames.ts';

const url = 'ws://127.0.0.1:4320/api/admin/observability/live';
const signedOut: Failure = { kind: 'signedOut', text: 'Log in.', signInPath: '/auth/start' };

let world: FakeWorld;
beforeEach(() => {
  world = new FakeWorld();
});

async function connect(): Promise<void> {
  world.connection.want(url);
  await world.settle();
  world.socket.opened();
}

async function goLive(): Promise<void> {
  await connect();
  say(0);
}

function say(seconds: number): void {
  world.socket.said(JSON.stringify(snapshotAt(seconds)));
}

function untilNextTry(): number {
  const { state, nowMs } = world;
  if (state?.type !== 'lost' || state.nextTryAtMs === null) throw new Error('no next try');
  return state.nextTryAtMs - nowMs;
}

describe('the live connection (interfaces.md §4)', () => {
  it('asks for a ticket, opens the URL and subscribes with the ticket', async () => {
    await connect();
    expect(world.states).toEqual([{ type: 'connecting' }]);
    expect(world.socket.url).toBe(url);
    expect(world.socket.sent.map((text) => JSON.parse(text))).toEqual([
      { type: 'subscribe', ticket: 'a', topics: ['overview'] },
    ]);
  });

  it('is live from the first frame that it understands', async () => {
    await connect();
    world.nowMs = 70;
    say(0);
    expect(world.state).toEqual({ type: 'live', sinceMs: 70 });
    expect(world.heard).toEqual(['snapshot 0']);
  });

  it.each([
    ['no JSON', 'not JSON'],
    ['no frame', '{"type":"admin.observability.news"}'],
    ['bytes', new Uint8Array(3)],
  ])('leaves out and counts %s', async (_, data) => {
    await goLive();
    world.socket.said(data);
    expect([world.ignored, world.heard, world.state?.type]).toEqual([1, ['snapshot 0'], 'live']);
  });

  it('gives up a socket that has said nothing for 15 s, and no sooner', async () => {
    await goLive();
    await world.pass(14_000);
    say(14);
    await world.pass(14_999);
    expect(world.state?.type).toBe('live');
    await world.pass(1);
    expect(world.state?.type).toBe('lost');
    expect(world.sockets[0]?.isClosed).toBe(true);
  });

  it('gives up a socket that does not open, or says nothing that it understands', async () => {
    world.connection.want(url);
    await world.settle();
    await world.pass(14_999);
    expect(world.state).toEqual({ type: 'connecting' });
    world.socket.said('{}');
    await world.pass(1);
    expect(world.state?.type).toBe('lost');
  });

  it('hears nothing more of a socket that it gave up', async () => {
    await goLive();
    const old = world.socket;
    await world.pass(15_000);
    const before = world.states.length;
    old.said(JSON.stringify(snapshotAt(20)));
    old.closed(1006);
    expect([world.states.length, world.heard]).toEqual([before, ['snapshot 0']]);
  });
});

describe('the topics of a live connection', () => {
  const sent = () => world.socket.sent.map((text) => JSON.parse(text));

  it('change on the open socket, without a new ticket', async () => {
    await goLive();
    world.connection.follow(['overview', 'voice']);
    world.connection.follow(['overview']);
    expect(sent().slice(1)).toEqual([
      { type: 'subscribe', topics: ['overview', 'voice'] },
      { type: 'subscribe', topics: ['overview'] },
    ]);
    expect([world.tickets, world.sockets.length]).toEqual([1, 1]);
  });

  it('are asked for with the ticket where they changed before the socket was open', async () => {
    world.connection.want(url);
    await world.settle();
    world.connection.follow(['overview', 'voice']);
    expect(world.socket.sent).toEqual([]);
    world.socket.opened();
    expect(sent()).toEqual([{ type: 'subscribe', ticket: 'a', topics: ['overview', 'voice'] }]);
  });

  it('that are the same are not said again', async () => {
    await goLive();
    world.connection.follow(['overview']);
    expect(sent()).toHaveLength(1);
  });

  it('are those of now after it was lost, and nothing is said to the socket that was', async () => {
    await goLive();
    const old = world.socket;
    old.closed(1006);
    world.connection.follow(['overview', 'voice']);
    expect(old.sent).toHaveLength(1);
    await world.pass(500);
    world.socket.opened();
    expect(sent()).toEqual([{ type: 'subscribe', ticket: 'a', topics: ['overview', 'voice'] }]);
  });
});

describe('a live connection that was lost', () => {
  it.each(Object.entries({ ...liveClose, goingAway: 1001, cut: 1006 }))(
    '%s: comes back with a new ticket',
    async (_, code) => {
      await goLive();
      world.socket.closed(code);
      expect(world.state?.type).toBe('lost');
      await world.pass(code === liveClose.malformed ? 300_000 : 1_000);
      world.socket.opened();
      say(2);
      expect([world.tickets, world.sockets.length, world.state?.type]).toEqual([2, 2, 'live']);
    },
  );

  it('says when the next try is, and that it is under way', async () => {
    await goLive();
    world.socket.closed(1006);
    expect(world.state).toEqual({ type: 'lost', wasLive: true, nextTryAtMs: 500 });
    world.answer = 'never';
    await world.pass(500);
    expect(world.state).toEqual({ type: 'lost', wasLive: true, nextTryAtMs: null });
  });

  it('waits longer from try to try, up to 30 s', async () => {
    world.random = 1;
    await goLive();
    const waits: number[] = [];
    for (let turn = 0; turn < 7; turn += 1) {
      world.socket.closed(1006);
      const waitMs = untilNextTry();
      waits.push(waitMs);
      await world.pass(waitMs);
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  });

  it('begins again with a short wait after a socket that held for 10 s, not after one that fell at once', async () => {
    const waitAfter = async (liveMs: number): Promise<number> => {
      say(0);
      await world.pass(liveMs);
      world.socket.closed(liveClose.slow);
      const waitMs = untilNextTry();
      await world.pass(waitMs);
      return waitMs;
    };
    await connect();
    expect([await waitAfter(0), await waitAfter(0), await waitAfter(9_999), await waitAfter(10_000)]).toEqual([
      500, 1_000, 2_000, 500,
    ]);
  });

  it('malformed: does not repeat itself for five minutes', async () => {
    await connect();
    world.socket.closed(liveClose.malformed);
    await world.pass(299_999);
    expect(world.tickets).toBe(1);
  });

  it('ended: asks at once, and the page is barred by what the ticket is answered', async () => {
    await goLive();
    await world.pass(10_000);
    world.answer = { failure: signedOut };
    world.socket.closed(liveClose.ended);
    await world.pass(0);
    expect([world.tickets, world.barred]).toEqual([2, [signedOut]]);
  });

  it('tries at once where it is asked to', async () => {
    await goLive();
    world.socket.closed(1006);
    world.connection.retry();
    await world.settle();
    expect([world.tickets, world.sockets.length]).toEqual([2, 2]);
    world.connection.retry();
    await world.settle();
    expect(world.tickets).toBe(2);
  });
});

describe('a ticket that is not given', () => {
  it.each(['signedOut', 'forbidden'] as const)('%s: the page is barred', async (kind) => {
    world.answer = { failure: { kind, text: '' } };
    world.connection.want(url);
    await world.settle();
    expect(world.barred).toEqual([{ kind, text: '' }]);
  });

  it.each(['databaseAway', 'unreachable', 'refused', 'notUnderstood'] as const)(
    '%s: tried again later',
    async (kind) => {
      world.answer = { failure: { kind, text: '' } };
      world.connection.want(url);
      await world.settle();
      expect([world.barred, world.state]).toEqual([[], { type: 'lost', wasLive: false, nextTryAtMs: 500 }]);
      world.answer = { data: { ticket: 'b' } };
      await world.pass(500);
      world.socket.opened();
      expect(world.socket.sent[0]).toContain('"ticket":"b"');
    },
  );

  it('a URL that the page may not open is lost, not fatal', async () => {
    world.mayOpen = false;
    world.connection.want(url);
    await world.settle();
    expect(world.state?.type).toBe('lost');
  });
});

describe('a live connection that nobody wants (hidden, paused, barred)', () => {
  it('closes, and nothing of it waits', async () => {
    await goLive();
    world.connection.want(null);
    expect([world.socket.isClosed, world.state, world.waiting]).toEqual([true, { type: 'off' }, 0]);
  });

  it('waits for no next try either', async () => {
    await goLive();
    world.socket.closed(1006);
    world.connection.want(null);
    await world.pass(60_000);
    expect([world.tickets, world.waiting]).toEqual([1, 0]);
  });

  it('opens no socket with a ticket that comes too late', async () => {
    world.connection.want(url);
    world.connection.want(null);
    await world.settle();
    expect([world.sockets, world.waiting, world.state]).toEqual([[], 0, { type: 'off' }]);
  });

  it('resumes at once when it is wanted again, however long it waited before', async () => {
    world.random = 1;
    await goLive();
    for (let turn = 0; turn < 6; turn += 1) {
      world.socket.closed(1006);
      await world.pass(untilNextTry());
    }
    world.socket.closed(1006);
    world.connection.want(null);
    const before = world.tickets;
    await goLive();
    expect([world.tickets, world.state?.type]).toEqual([before + 1, 'live']);
    world.socket.closed(1006);
    expect(untilNextTry()).toBe(1_000);
  });

  it('the same wish again changes nothing', async () => {
    await goLive();
    world.connection.want(url);
    expect([world.tickets, world.state?.type]).toEqual([1, 'live']);
  });
});
