import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { UNSTORED_TELL_MS } from '../limits.ts';
import { createReadiness } from './readiness.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A readiness, and what it said. */
function told() {
  const events: string[] = [];
  const readiness = createReadiness((event) => events.push(event));
  let changes = 0;
  readiness.onChange(() => changes++);
  return { readiness, events, changes: () => changes };
}

describe('readiness: database reachable, migrated, not stopping (OTLP conformance, item 8)', () => {
  it('sends everything away until the database was reached', () => {
    const { readiness } = told();
    expect([readiness.isReady(), readiness.refusal()]).toEqual([false, 'starting']);
    readiness.reached();
    expect([readiness.isReady(), readiness.refusal(), readiness.words()]).toEqual([true, undefined, 'ready']);
  });

  it('says once that it is degraded and once that it recovered, however often it looks', () => {
    const { readiness, events, changes } = told();
    readiness.reached();
    for (let look = 0; look < 3; look += 1) readiness.away(`reason ${look}`);
    expect(readiness.refusal()).toBe('database_unavailable');
    expect(readiness.words()).toContain('reason 2');
    for (let look = 0; look < 3; look += 1) readiness.reached();
    expect(events).toEqual(['degraded', 'recovered']);
    expect([changes(), readiness.outages()]).toEqual([3, 1]);
  });

  it('is not ready after a batch that was not stored, lets the next one try, and is ready when that is', () => {
    const { readiness } = told();
    readiness.reached();
    readiness.notStored('53100');
    expect([readiness.isReady(), readiness.refusal()]).toEqual([false, undefined]);
    expect(readiness.words()).toContain('53100');
    readiness.reached();
    expect(readiness.isReady()).toBe(false);
    readiness.stored();
    expect(readiness.isReady()).toBe(true);
  });

  it('is ready again after a while where no other batch follows: behind a balancer none would', () => {
    const { readiness } = told();
    readiness.reached();
    readiness.notStored('53100');
    vi.advanceTimersByTime(UNSTORED_TELL_MS + 1);
    readiness.reached();
    expect(readiness.isReady()).toBe(true);
  });

  it('does not call a database reached because a batch failed in the same outage', () => {
    const { readiness } = told();
    readiness.reached();
    readiness.away('gone');
    readiness.notStored('CONNECTION_CLOSED');
    expect(readiness.refusal()).toBe('database_unavailable');
  });

  it('stops for good, and lets the doors finish what they have', () => {
    const { readiness } = told();
    readiness.reached();
    readiness.stopping();
    readiness.reached();
    expect([readiness.isReady(), readiness.refusal(), readiness.words()]).toEqual([false, undefined, 'stopping']);
  });
});
