import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { asLeader, LeaseLost, newHolder, releaseLease, takeLease } from './lease.ts';
import { openTelemetry, type Telemetry } from './testing/telemetry.ts';

let telemetry: Telemetry;
beforeEach(async () => {
  telemetry = await openTelemetry();
});
afterEach(() => telemetry.close());

describe('one sidecar leads (design §6)', () => {
  test('of many that ask at once, one', async () => {
    const { sql } = telemetry;
    const holders = await Promise.all([1, 2, 3, 4].map(() => newHolder(sql)));
    expect(new Set(holders).size).toBe(4);
    const taken = await Promise.all(holders.map((holder) => takeLease(sql, holder)));
    expect(taken.filter(Boolean)).toHaveLength(1);
  });

  test('the holder renews; another waits until it is released or has run out by the clock of the database', async () => {
    const { sql } = telemetry;
    expect(await takeLease(sql, 1)).toBe(true);
    expect(await takeLease(sql, 1)).toBe(true);
    expect(await takeLease(sql, 2)).toBe(false);
    await releaseLease(sql, 2);
    expect(await takeLease(sql, 2)).toBe(false);
    await releaseLease(sql, 1);
    expect(await takeLease(sql, 2)).toBe(true);
    await sql`UPDATE telemetry_leader SET until = now() - interval '1 ms'`;
    expect(await takeLease(sql, 1)).toBe(true);
  });

  test('what was written under a lost lease is rolled back', async () => {
    const { sql } = telemetry;
    await takeLease(sql, 1);
    const write = (holder: number, name: string) =>
      asLeader(sql, holder, (tx) => tx`INSERT INTO telemetry_metric_budgets VALUES (${name})`);
    await write(1, 'held');
    await expect(write(2, 'never held')).rejects.toThrow(LeaseLost);
    await sql`UPDATE telemetry_leader SET until = now() - interval '1 ms'`;
    await expect(write(1, 'run out')).rejects.toThrow(LeaseLost);
    expect(await sql`SELECT metric_name FROM telemetry_metric_budgets`).toEqual([{ metric_name: 'held' }]);
  });
});
