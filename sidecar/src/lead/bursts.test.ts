import { readSettings } from '@command-center/contract/settings/settings';
import { ensurePartitions } from '@command-center/drizzle/partitions';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ErrorRecords, isBurst, readErrorRecords } from './bursts.ts';
import { leaderSettings } from './settings.ts';
import { createSummariser } from './summarise.ts';
import { minuteBefore, openTelemetry, type Telemetry } from './testing/telemetry.ts';

let telemetry: Telemetry;
beforeEach(async () => {
  telemetry = await openTelemetry();
});
afterEach(() => telemetry.close());

/** `count` records a service wrote in the minute that began so many minutes ago. */
async function wrote(service: string, ago: number, count: number, level = 'ERROR'): Promise<void> {
  const ts = new Date(minuteBefore(telemetry.nowMs, ago) + 1);
  await ensurePartitions(telemetry.sql, [ts]);
  await telemetry.sql`
    INSERT INTO telemetry_log_events (id, ts, level, service, domain, event, message, sampled, attrs)
    SELECT md5(${`${service} ${ago} ${level} `} || n)::uuid, ${ts}, ${level}, ${service}, 'other', 'failed', '', false, '{}'
    FROM generate_series(1, ${count}) AS n`;
}

const records = (): Promise<readonly ErrorRecords[]> =>
  telemetry.sql.begin((tx) => readErrorRecords(tx, telemetry.nowMs));
const summarise = async () => {
  const own = createSummariser(leaderSettings(readSettings({})), new Date(telemetry.nowMs));
  return telemetry.sql.begin((tx) => own.summarise(tx, 7));
};

describe('a burst of ERROR records in one service (docs/adr/0024)', () => {
  test('makes the verdict Degraded and names the service, at once', async () => {
    await wrote('checkout', 1, 480);
    await wrote('gateway', 2, 3);
    const { verdict, alerts } = await summarise();
    expect(verdict).toMatchObject({
      status: 'degraded',
      reason: 'ERROR records, last 5 min: 480 (red above 100), checkout',
    });
    expect(alerts).toMatchObject([{ subject: 'checkout', value: 480, colour: 'red', threshold: 100 }]);
  });

  test('is none where the service writes as many all the time', async () => {
    for (let ago = 0; ago < 60; ago += 1) await wrote('checkout', ago, 30);
    expect((await summarise()).alerts).toEqual([]);
    expect((await records()).map(isBurst)).toEqual([false]);
  });

  test('is none of a service that writes more than is read, all the time; and is one of what rises above that', async () => {
    for (let ago = 0; ago < 66; ago += 1) await wrote('flood', ago, 2_500);
    const [flood] = await records();
    expect(flood?.usual).toBeGreaterThan(10_000);
    expect((await summarise()).alerts).toEqual([]);
    await wrote('checkout', 0, 5_000);
    const checkout = (await records()).find(({ service }) => service === 'checkout');
    expect(checkout?.usual).toBe(0);
    expect((await summarise()).alerts).toMatchObject([{ subject: 'checkout', colour: 'red' }]);
  });

  test('is counted by service: a noisy one does not hide another', async () => {
    for (let ago = 0; ago < 60; ago += 1) await wrote('noisy', ago, 30);
    await wrote('checkout', 0, 40);
    expect((await summarise()).alerts).toMatchObject([{ subject: 'checkout', value: 40, colour: 'yellow' }]);
  });

  test('is none of what comes late, of WARN, or of fewer than 20', async () => {
    await wrote('late', 30, 5_000);
    await wrote('warned', 1, 500, 'WARN');
    await wrote('few', 1, 19);
    const { alerts, verdict } = await summarise();
    expect(alerts).toEqual([]);
    expect(verdict.status).not.toBe('degraded');
  });

  test.each([
    [0, 1, true],
    [2, 20, false],
    [2, 21, true],
  ])('with %d as usual %d are a burst: %s', (usual, count, is) => {
    expect(isBurst({ service: 'checkout', usual, count })).toBe(is);
  });
});
