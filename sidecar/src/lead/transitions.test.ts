import { describe, expect, test } from 'vitest';
import { type Pending, type Standing, settle } from './transitions.ts';

type Status = Standing['status'];

/** One leader's findings, 5 s apart, on top of what is shown; what is shown after each. */
function shownAfter(findings: readonly Status[], before?: Status): string[] {
  const of = (status: Status) => ({ id: 'valkey', status, reason: status, isHeard: true });
  let shown: Standing | undefined = before === undefined ? undefined : { ...of(before), sinceMs: 0 };
  let pending: Pending | undefined;
  return findings.map((status, index) => {
    const step = settle(of(status), shown, pending, (index + 1) * 5_000);
    shown = step.standing;
    pending = step.pending;
    return `${step.standing.status} since ${step.standing.sinceMs / 1_000}${step.isTransition ? ', changed' : ''}`;
  });
}

describe('a status changes by two findings in a row (contract.md §6)', () => {
  test('and the first one ever is taken as it is', () => {
    expect(shownAfter(['down', 'down'])).toEqual(['down since 5', 'down since 5']);
  });

  test('since the second', () => {
    expect(shownAfter(['down', 'down', 'down'], 'healthy')).toEqual([
      'healthy since 0',
      'down since 10, changed',
      'down since 10',
    ]);
  });

  test('so that one alone, and two that are not in a row, change nothing', () => {
    const flapping = shownAfter(['down', 'healthy', 'down', 'healthy'], 'healthy');
    expect(new Set(flapping)).toEqual(new Set(['healthy since 0']));
  });

  test('and they find the same', () => {
    expect(shownAfter(['down', 'degraded', 'degraded'], 'healthy').at(-1)).toBe('degraded since 15, changed');
  });
});
