import type { StoredSummary, VitalSign } from '@command-center/contract/api/summary';
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
type Alert = StoredSummary['alerts'][number];
const verdict = (overrides: Partial<typeof signs>, alerts: readonly Alert[] = []) =>
  verdictOf({ signs: { ...signs, ...overrides }, standings: [], alerts: [...alerts] }, undefined, 0);

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

  const alert = (change: Partial<Alert>): Alert => ({
    ...{ signal: 'Voice packet loss p95', subject: 'all rooms', value: 8.2, unit: '%', colour: 'red', threshold: 5 },
    since: new Date(0).toISOString(),
    ...change,
  });

  test('is Degraded by a red signal that no sign and no service speaks of', () => {
    expect(verdict({}, [alert({})])).toMatchObject({
      status: 'degraded',
      reason: 'Voice packet loss p95: 8.2 % (red above 5 %), all rooms',
    });
    const joins = alert({ signal: 'Voice join success', value: 61, threshold: 80 });
    expect(verdict({}, [joins]).reason).toBe('Voice join success: 61 % (red below 80 %), all rooms');
    const records = {
      signal: 'ERROR records, last 5 min',
      subject: 'checkout',
      value: 480,
      unit: '{record}',
      threshold: 100,
    };
    expect(verdict({}, [alert(records)]).reason).toBe('ERROR records, last 5 min: 480 (red above 100), checkout');
  });

  test('names a red sign before what is only listed, and stays OK for a yellow signal that it names', () => {
    expect(verdict({ errors: sign({ colour: 'red', value: 1_400 }) }, [alert({})]).reason).toMatch(/^Errors is/);
    expect(verdict({}, [alert({ colour: 'yellow', value: 3, threshold: 2 })])).toMatchObject({
      status: 'ok',
      reason: 'Voice packet loss p95: 3 % (yellow from 2 %), all rooms',
    });
  });
});
