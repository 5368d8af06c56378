import { describe, expect, it } from 'vitest';
import { inHeldOrder } from './heldOrder.ts';
import type { FeedRow } from './liveErrors.ts';

function row(event: string, count = 1): FeedRow {
  const known = { level: 'ERROR', service: 'checkout', domain: 'db', message: '', trace_id: null } as const;
  return { ...known, id: `${event} ${count}`, ts: '2026-11-27T03:00:00.000Z', event, count };
}

describe('a list under a pointer keeps its order', () => {
  it('and without one has that of the newest', () => {
    expect(inHeldOrder([row('b'), row('a')], null)).toEqual({ rows: [row('b'), row('a')], waiting: 0 });
  });

  it('counts go on in place, and what is new waits and is counted', () => {
    const now = [row('c'), row('a', 5), row('b')];
    expect(inHeldOrder(now, [row('b'), row('a')])).toEqual({ rows: [row('b'), row('a', 5)], waiting: 1 });
  });

  it('a row that others pushed out stays while it is looked at', () => {
    expect(inHeldOrder([row('c')], [row('a')])).toEqual({ rows: [row('a')], waiting: 1 });
  });
});
