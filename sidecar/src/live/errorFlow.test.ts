import type { LogItem } from '@command-center/contract/api/lists';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createErrorFlow } from './errorFlow.ts';

const PER_SECOND = 10;
const START_MS = Date.parse('2026-11-24T12:00:00Z');

function errorAt(ms: number, id = String(ms)): LogItem {
  const rest = { level: 'ERROR', service: 'checkout', domain: 'db', event: 'e', message: 'm' } as const;
  const none = { trace_id: null, span_id: null, sampled: true, attrs: {} };
  return { id, ts: new Date(START_MS + ms).toISOString(), ...rest, ...none };
}

/** Newest first, as a look has them. */
const errors = (count: number, fromMs: number): LogItem[] =>
  Array.from({ length: count }, (_, index) => errorAt(fromMs + count - index));

describe('errors as they are told (interfaces.md §4: at most 10 a second, and a count of the rest)', () => {
  it('one error is told at once, and nothing is more', () => {
    const flow = createErrorFlow(PER_SECOND);
    flow.arrive([errorAt(1)], 1);
    expect(flow.take(0)).toEqual([{ error: errorAt(1), more: 0 }]);
    expect(flow.take(500)).toEqual([]);
  });

  it('of a burst the newest are told, oldest of them first, and the last one counts the rest', () => {
    const flow = createErrorFlow(PER_SECOND);
    flow.arrive(errors(25, 0), 10_000);
    const sent = flow.take(0);
    expect(sent.map(({ error }) => error.id)).toEqual(
      errors(25, 0)
        .slice(0, 10)
        .map(({ id }) => id)
        .reverse(),
    );
    expect(sent.map(({ more }) => more)).toEqual([...Array(9).fill(0), 9_990]);
  });

  it('what had to wait is told when there is room again, unless newer ones took its place', () => {
    const flow = createErrorFlow(PER_SECOND);
    flow.arrive(errors(10, 0), 10);
    flow.take(0);
    flow.arrive(errors(3, 100), 3);
    expect(flow.take(500)).toEqual([]);
    expect(flow.take(1_000).map(({ error }) => error.id)).toEqual(['101', '102', '103']);
  });

  it('whatever comes when: never more than 10 in a second, each at most once, and told plus counted is what came', () => {
    const step = fc.record({ waitMs: fc.nat(900), added: fc.nat(25), further: fc.nat(200) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const flow = createErrorFlow(PER_SECOND);
        const told: { id: string; atMs: number; more: number }[] = [];
        let nowMs = 0;
        let serial = 0;
        let arrived = 0;
        const take = (): void => {
          for (const { error, more } of flow.take(nowMs)) told.push({ id: error.id, atMs: nowMs, more });
        };
        for (const { waitMs, added, further } of steps) {
          nowMs += waitMs;
          flow.arrive(errors(added, serial), added + further);
          serial += added;
          arrived += added + further;
          take();
        }
        // Time goes on, and one more error brings what was only counted.
        for (let n = 0; n < 3; n += 1) {
          nowMs += 1_000;
          take();
        }
        flow.arrive(errors(1, serial), 1);
        take();
        expect(new Set(told.map(({ id }) => id)).size).toBe(told.length);
        expect(told.reduce((sum, { more }) => sum + 1 + more, 0)).toBe(arrived + 1);
        for (const { atMs } of told)
          expect(told.filter((other) => other.atMs > atMs - 1_000 && other.atMs <= atMs).length).toBeLessThanOrEqual(
            PER_SECOND,
          );
      }),
    );
  });
});
