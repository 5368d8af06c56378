import type { Logs } from '@command-center/contract/api/lists';
import { describe, expect, it } from 'vitest';
import { feedRows, HeardErrors, mergeFeed, mostErrors } from './liveErrors.ts';
import { errorOf, itemOf } from './testing/liveFrames.ts';

const nowMs = 5_000;

function heard(...errors: Parameters<HeardErrors['add']>[0][]): HeardErrors {
  const all = new HeardErrors();
  for (const error of errors) all.add(error, nowMs);
  return all;
}

/** What was fetched: groups of (event, newest second, count). */
function fetchedOf(groups: readonly (readonly [string, number, number])[], next_cursor: string | null = null): Logs {
  return {
    items: groups.map(([event, seconds, count]) => ({ ...itemOf(`fetched ${event}`, seconds, event), count })),
    next_cursor,
  };
}

const short = (rows: ReturnType<typeof mergeFeed>['rows']) =>
  rows.map(({ event, count, message }) => `${event} ×${count} ${message}`);

describe('the feed while errors are pushed', () => {
  it('counts a repeat into its group, with the newest message on top', () => {
    const fetched = fetchedOf([
      ['timeout', 9, 37],
      ['login', 8, 2],
    ]);
    const { rows } = mergeFeed(fetched, 0, heard(errorOf('a', 10, 'login'), errorOf('b', 11, 'login')).now);
    expect(short(rows)).toEqual(['login ×4 b', 'timeout ×37 fetched timeout']);
  });

  it('makes a row of a kind that is new', () => {
    const { rows } = mergeFeed(fetchedOf([['timeout', 9, 37]]), 0, heard(errorOf('a', 10, 'login')).now);
    expect(short(rows)).toEqual(['login ×1 a', 'timeout ×37 fetched timeout']);
  });

  it.each(['service', 'domain', 'event', 'level'] as const)('another %s is another kind', (key) => {
    const other = { ...errorOf('b', 11), ...(key === 'level' ? { level: 'WARN' as const } : { [key]: 'other' }) };
    expect(mergeFeed(null, 0, heard(errorOf('a', 10), other).now).rows.map(({ count }) => count)).toEqual([1, 1]);
  });

  it('counts an error once, however often its frame comes', () => {
    const { rows } = mergeFeed(null, 0, heard(errorOf('a', 10), errorOf('b', 11), errorOf('a', 10)).now);
    expect(short(rows)).toEqual(['login_failed ×2 b']);
  });

  it('counts what comes out of order, and shows the newest', () => {
    const { rows } = mergeFeed(fetchedOf([]), 0, heard(errorOf('b', 11), errorOf('a', 10)).now);
    expect(short(rows)).toEqual(['login_failed ×2 b']);
  });

  it('of errors of one instant puts the later on top', () => {
    const fetched = fetchedOf([
      ['x', 10, 1],
      ['y', 10, 1],
    ]);
    const all = heard(errorOf('a', 10, 'p'), errorOf('b', 10, 'q'), errorOf('c', 10, 'p'));
    expect(mergeFeed(fetched, 0, all.now).rows.map(({ event }) => event)).toEqual(['p', 'q', 'x', 'y']);
  });

  it('does not count again what a fetch has counted, as after a gap whose errors the snapshot repeats', () => {
    const all = heard(errorOf('a', 10), errorOf('b', 11), errorOf('c', 12));
    const { rows } = mergeFeed(fetchedOf([['login_failed', 11, 40]]), 0, all.now);
    expect(short(rows)).toEqual(['login_failed ×41 c']);
  });

  it('shows what was heard where nothing was fetched yet', () => {
    expect(short(mergeFeed(null, 0, heard(errorOf('a', 10)).now).rows)).toEqual(['login_failed ×1 a']);
  });

  it(`has ${feedRows} rows, the newest, and says that there are more kinds`, () => {
    const kinds = Array.from({ length: feedRows + 1 }, (_, index) => errorOf(`e${index}`, index, `kind ${index}`));
    const { rows, isCut } = mergeFeed(null, 0, heard(...kinds).now);
    expect([rows.length, rows[0]?.event, rows.at(-1)?.event, isCut]).toEqual([feedRows, 'kind 25', 'kind 1', true]);
    expect(mergeFeed(null, 0, heard(...kinds.slice(1)).now).isCut).toBe(false);
    expect(mergeFeed(fetchedOf([['login', 1, 1]], 'next'), 0, heard().now).isCut).toBe(true);
  });
});

describe('errors that came unsent', () => {
  it('are summed until a fetch that was asked for later counts them', () => {
    const all = heard();
    all.addUnsent(9_000, 5_000);
    all.addUnsent(990, 7_000);
    expect([0, 5_000, 5_001, 7_001].map((askedAtMs) => mergeFeed(null, askedAtMs, all.now).more)).toEqual([
      9_990, 9_990, 990, 0,
    ]);
  });

  it(`errors past ${mostErrors} are counted with them, so that none is lost`, () => {
    const all = heard(...Array.from({ length: 10_000 }, (_, index) => errorOf(`e${index}`, index)));
    const { rows, more } = mergeFeed(null, 0, all.now);
    expect(all.now.errors.length).toBeLessThanOrEqual(mostErrors);
    expect((rows[0]?.count ?? 0) + more).toBe(10_000);
  });

  it('what was read of them does not change when more comes', () => {
    const all = heard(errorOf('a', 10));
    const { now } = all;
    all.add(errorOf('b', 11), nowMs);
    all.addUnsent(5, nowMs);
    expect([now.errors.length, now.unsent.length]).toEqual([1, 0]);
  });
});
