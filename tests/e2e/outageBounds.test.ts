import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { eventually } from '../processes/api.ts';
import { freezePostgres } from '../processes/postgres.ts';
import { startSender, storedBooks } from '../processes/sender.ts';
import { TOLD_WITHIN_MS, unsteadyPostgres } from './unsteadyPostgres.ts';

const TIMEOUT_MS = 120_000;
const stage = unsteadyPostgres();

describe('Postgres takes connections, but not what is sent', { timeout: TIMEOUT_MS }, () => {
  it('is told with its SQLSTATE while batches fail; each try again is let through, and the first success ends it', async () => {
    const sidecar = await stage.start();
    const sql = stage.direct();
    await sql.unsafe(`CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN RAISE EXCEPTION 'no space left' USING ERRCODE = '53100'; END $$;
      CREATE TRIGGER full_disk BEFORE INSERT ON telemetry_intake EXECUTE FUNCTION fail()`);
    const sender = startSender(sidecar.http);
    const refused = await sender.until(() => true);
    expect([refused.status, Number(refused.retryAfter)]).toEqual([503, 2]);
    expect((await stage.readiness()).words).toMatch(/53100/);
    expect(await stage.metric('batch_failures_total')).toBeGreaterThan(0);
    await sql`DROP TRIGGER full_disk ON telemetry_intake`;
    await sender.until((answer) => answer.status === 200);
    await stage.untilReady();
    await sender.finish();
    expect(await storedBooks(sql)).toEqual(sender.books());
  });
});

describe('memory is bounded while Postgres is frozen (design §5)', { timeout: TIMEOUT_MS }, () => {
  it('holds no more bytes in flight than its limit, answers every sender, and takes all of it once Postgres goes on', async () => {
    const limitBytes = 8 * 2 ** 20;
    const sidecar = await stage.start({
      COMMAND_CENTER_MEMORY_LIMIT_BYTES: String(limitBytes),
      COMMAND_CENTER_OTLP_MAX_BODY_BYTES: '4MiB',
    });
    const url = `${sidecar.http}/v1/logs`;
    const body = manyLogs(2 ** 20);
    const send = async (): Promise<number> => {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(60_000) });
      await answer.arrayBuffer();
      return answer.status;
    };
    expect(await send()).toBe(200);
    const beforeBytes = await stage.metric('memory_resident_bytes');
    const resume = freezePostgres(stage.server.pid);
    let isOver = false;
    // A tenth of the pause that it is asked for.
    const flood = Array.from({ length: 16 }, async () => {
      const seen: number[] = [];
      while (!isOver) {
        seen.push(await send());
        await delay(100);
      }
      return seen;
    });
    const inFlight: number[] = [];
    const resident: number[] = [];
    await eventually(
      async () => {
        inFlight.push(await stage.metric('in_flight_bytes'));
        resident.push(await stage.metric('memory_resident_bytes'));
        return stage.readiness();
      },
      ({ words }) => words.includes('Postgres is away'),
      TOLD_WITHIN_MS,
    );
    resume();
    await stage.untilReady();
    isOver = true;
    const statuses = (await Promise.all(flood)).flat();
    expect([...new Set(statuses)].toSorted()).toEqual([200, 503]);
    expect(Math.max(...inFlight)).toBeGreaterThan(0);
    expect(Math.max(...inFlight)).toBeLessThanOrEqual(limitBytes);
    process.stdout.write(
      `frozen under a flood: ${statuses.length} requests, resident ${beforeBytes / 2 ** 20} -> ${Math.max(...resident) / 2 ** 20} MiB\n`,
    );
    // What was received and thrown away lies in the heap until it is collected; a queue without a bound would be half a gigabyte.
    expect(Math.max(...resident) - beforeBytes).toBeLessThan(200 * 2 ** 20);
    expect(await stage.metric('in_flight_bytes')).toBe(0);
  });
});

/** A request of about so many bytes, of logs that are kept. */
function manyLogs(bytes: number): string {
  const timeUnixNano = `${Date.now()}000000`;
  const record = { timeUnixNano, severityNumber: 17, body: { stringValue: 'x'.repeat(1_000) } };
  const logRecords = new Array(Math.floor(bytes / JSON.stringify(record).length)).fill(record);
  return JSON.stringify({ resourceLogs: [{ resource: { attributes: [] }, scopeLogs: [{ logRecords }] }] });
}
