import type { VitalSign } from '@command-center/contract/api/summary';
import { describe, expect, test } from 'vitest';
import { verdictOf } from './verdict.ts';

function sign(overrides: Partial<VitalSign> = {}): VitalSign {
  return {
    ...{
      value: 10,
      unit: 'ms',
      colour: 'green',
      unknown: false,
      n: 100,
      numerator: null,
      subject: 'orders',
      quality: null,
    },
    ...{ lo: null, hi: null, thresholds: { warn: 200, crit: 1000 }, age_s: 1, sparkline: [] },
    ...overrides,
  };
}

const signs = { latency: sign(), traffic: sign(), errors: sign(), saturation: sign() };
const verdict = (overrides: Partial<typeof signs>) => verdictOf({ ...signs, ...overrides }, [], undefined, 0);

describe('the verdict (contract.md §6)', () => {
  test('is OK in so many words while every sign is green', () => {
    expect(verdict({})).toMatchObject({ status: 'ok', reason: 'All that is heard is well' });
  });

  test('stays OK for a yellow sign, and names it', () => {
    const yellow = verdict({ errors: sign({ colour: 'yellow', value: 350 }) });
    expect(yellow).toMatchObject({ status: 'ok', reason: 'Errors is 350 ms (yellow from 200 ms), orders' });
  });

  test('is Degraded by a red sign, whatever is yellow before it', () => {
    const red = verdict({ latency: sign({ colour: 'yellow' }), saturation: sign({ colour: 'red', value: 1_400 }) });
    expect(red).toMatchObject({ status: 'degraded', reason: 'Saturation is 1400 ms (red above 1000 ms), orders' });
  });

  test('leaves out what was never heard, and is Unknown with nothing heard at all', () => {
    const never = sign({ age_s: null, unknown: true });
    expect(verdict({ latency: never })).toMatchObject({ status: 'ok' });
    expect(verdict({ latency: never, traffic: never, errors: never, saturation: never })).toMatchObject({
      status: 'unknown',
    });
  });
});
