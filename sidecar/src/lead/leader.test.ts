import { defaultContract } from '@command-center/contract/contract';
import { readSettings } from '@command-center/contract/settings/settings';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createLeader } from './leader.ts';
import { takeLease } from './lease.ts';
import { minuteBefore, openTelemetry, type Telemetry } from './testing/telemetry.ts';

let telemetry: Telemetry;
beforeEach(async () => {
  telemetry = await openTelemetry();
});
afterEach(() => telemetry.close());

const settings = readSettings({});

describe('the leader works in a thread of its own (design §6)', () => {
  test('it takes the lease, does its jobs, and releases the lease when it stops', async () => {
    const { sql, url, nowMs } = telemetry;
    const series = await telemetry.series('kaiku_http_requests_total', { 'service.name': 'orders' });
    await sql`INSERT INTO telemetry_open_windows (ts, series_id, writer, value_count, value_sum)
      VALUES (${new Date(minuteBefore(nowMs, 30))}, ${series}, 99, 1, 1)`;
    const log = vi.fn();
    const leader = createLeader({ contract: defaultContract, settings, databaseUrl: url, log, count: () => undefined });
    leader.start();
    await vi.waitFor(async () => expect(await sql`SELECT 1 FROM telemetry_metric_samples`).toHaveLength(1), 10_000);
    expect(await sql`SELECT 1 FROM telemetry_leader WHERE until > now()`).toHaveLength(1);
    expect(await takeLease(sql, 1_000)).toBe(false);
    await leader.stop();
    expect(await sql`SELECT 1 FROM telemetry_leader`).toHaveLength(0);
    const events = log.mock.calls.map(([event]) => String(event));
    expect(events[0]).toBe('leading');
    // A purge may or may not have had its turn before the stop; nothing may have failed.
    expect(events.filter((event) => event.includes('failed'))).toEqual([]);
  });

  test('of two, the second leads once the first has stopped', async () => {
    const { sql, url } = telemetry;
    const holder = async () => (await sql<{ holder: number }[]>`SELECT holder FROM telemetry_leader`)[0]?.holder;
    const first = createLeader({
      contract: defaultContract,
      settings,
      databaseUrl: url,
      log: () => undefined,
      count: () => undefined,
    });
    first.start();
    await vi.waitFor(async () => expect(await holder()).toBeDefined(), 10_000);
    const before = await holder();
    const second = createLeader({
      contract: defaultContract,
      settings,
      databaseUrl: url,
      log: () => undefined,
      count: () => undefined,
    });
    second.start();
    await first.stop();
    await vi.waitFor(async () => expect(await holder()).toBeDefined(), 10_000);
    expect(await holder()).not.toBe(before);
    await second.stop();
  });

  test('a database that is away is told and does not end it', async () => {
    const log = vi.fn();
    const leader = createLeader({
      contract: defaultContract,
      settings,
      databaseUrl: 'postgres://postgres@127.0.0.1:1/none',
      log,
      count: () => undefined,
    });
    leader.start();
    await vi.waitFor(() => expect(log).toHaveBeenCalledWith('lease failed', expect.anything()), 10_000);
    await leader.stop();
    expect(log).toHaveBeenCalledTimes(1);
  });
});
