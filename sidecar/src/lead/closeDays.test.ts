import { randomBytes } from 'node:crypto';
import { connect } from '@command-center/drizzle/connect';
import { ensurePartitions } from '@command-center/drizzle/partitions';
import type { Sql } from 'postgres';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createDayCloser, type DayCloser, findClosedDays } from './closeDays.ts';
import { newHolder, releaseLease, takeLease } from './lease.ts';
import { hourMs, openTelemetry, type Telemetry } from './testing/telemetry.ts';

const dayMs = 24 * hourMs;

let telemetry: Telemetry;
let holder: number;
let name: string;
let told: string[];
/** Of the closer's clock. */
let hoursLater: number;
beforeEach(async () => {
  telemetry = await openTelemetry();
  holder = await newHolder(telemetry.sql);
  await takeLease(telemetry.sql, holder);
  told = [];
  hoursLater = 0;
  name = await logsOf(daysAgo(2), 400);
});
afterEach(() => telemetry.close());

const daysAgo = (days: number): Date => new Date((Math.floor(telemetry.nowMs / dayMs) - days) * dayMs);
const suffix = (day: Date): string => day.toISOString().slice(0, 10).replaceAll('-', '');

/** A day of logs, in order of time as they come. Returns its partition. */
async function logsOf(day: Date, count: number): Promise<string> {
  await ensurePartitions(telemetry.sql, [day]);
  await telemetry.sql`
    INSERT INTO telemetry_log_events (id, ts, level, service, domain, event, message, trace_id)
    SELECT md5(n::text)::uuid, ${day}::timestamptz + n * interval '1 second', 'WARN', 's' || n % 5, 'd' || n % 3, 'event', 'message ' || n, md5(n::text)
    FROM generate_series(1, ${count}) AS n`;
  return `telemetry_log_events_${suffix(day)}`;
}

function closerOf(sql: Sql = telemetry.sql, url = telemetry.url): DayCloser {
  return createDayCloser({
    sql,
    open: () => connect(url, { name: 'closer-test', max: 1 }),
    log: (event, fields) => told.push(event === 'day closed' ? String(fields?.partition) : event),
    count: () => undefined,
    now: () => performance.now() + hoursLater * hourMs,
  });
}

/** Until there is no more to do. */
async function closeAll(closer = closerOf(), by = holder): Promise<void> {
  for (let before = -1; before < told.length; ) {
    before = told.length;
    closer.begin(by);
    await closer.settled();
  }
}

const searchIndex = () => telemetry.sql<{ is_valid: boolean }[]>`
  SELECT i.indisvalid AS is_valid FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid JOIN pg_am AS a ON a.oid = c.relam
  WHERE i.indrelid = ${name}::text::regclass AND a.amname = 'gin'`;
/** Texts of a search index that the planner looks at; null would be a hundred. */
const planned = () => telemetry.sql<{ target: number | null }[]>`
  SELECT a.attstattarget AS target FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid WHERE c.relname LIKE 'idx_tle_search_%'`;
const validities = async () => (await searchIndex()).map(({ is_valid }) => is_valid);

/** A transaction that an index waits for, half-built. */
async function oldSnapshot(): Promise<() => Promise<void>> {
  const report = connect(telemetry.url, { name: 'report', max: 1 });
  const opened = Promise.withResolvers<void>();
  const done = Promise.withResolvers<void>();
  const reading = report.begin('isolation level repeatable read', async (tx) => {
    await tx`SELECT count(*) FROM telemetry_summary`;
    opened.resolve();
    await done.promise;
  });
  await opened.promise;
  return async () => {
    done.resolve();
    await reading;
    await report.end();
  };
}

const untilWaiting = () =>
  expect
    .poll(
      () => telemetry.sql`
        SELECT 1 FROM pg_locks JOIN pg_stat_activity AS a USING (pid)
        WHERE NOT granted AND a.application_name = 'closer-test' AND a.datname = current_database()`,
      { interval: 5, timeout: 10_000 },
    )
    .toHaveLength(1);

describe('a day of logs and spans is closed an hour after its end (docs/adr/0014)', () => {
  test('days that have cooled down, newest first; today and tomorrow stay as they are', async () => {
    const days = [3, 1, 0, -1].map(daysAgo);
    await ensurePartitions(telemetry.sql, days);
    const cooled = [3, 2, 1].map(daysAgo).filter((day) => day.getTime() + dayMs + hourMs <= telemetry.nowMs);
    const expected = cooled
      .reverse()
      .flatMap((day) => ['log_events', 'trace_index'].map((table) => `telemetry_${table}_${suffix(day)}`));
    expect((await findClosedDays(telemetry.sql, true)).map((day) => day.name)).toEqual(expected);
    await closeAll();
    expect(told).toEqual(expected);
    expect(await findClosedDays(telemetry.sql, true)).toEqual([]);
  });

  test('its indexes lose the room that a growing day leaves, and searches of logs get one', async () => {
    await logsOf(daysAgo(2), 0);
    await telemetry.sql`INSERT INTO telemetry_log_events SELECT md5(id::text || n)::uuid, ts + n * interval '1 hour', level, service, domain, event, message, trace_id
      FROM telemetry_log_events, generate_series(1, 10) AS n`;
    const bytes = async () => {
      const [row] = await telemetry.sql<{ bytes: number }[]>`
        SELECT sum(pg_relation_size(i.indexrelid))::double precision AS bytes FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid
        JOIN pg_am AS a ON a.oid = c.relam WHERE i.indrelid = ${name}::text::regclass AND a.amname = 'btree'`;
      return row?.bytes ?? 0;
    };
    const before = await bytes();
    expect(await validities()).toEqual([]);
    await closeAll();
    expect(await bytes()).toBeLessThan(0.9 * before);
    expect(await validities()).toEqual([true]);
    expect(await planned()).toEqual([{ target: 0 }]);
    const attached = await telemetry.sql`
      SELECT 1 FROM pg_index AS i JOIN pg_inherits AS h ON h.inhrelid = i.indexrelid WHERE i.indrelid = ${name}::text::regclass AND i.indisvalid`;
    expect(attached).toHaveLength(6);
  });

  test('writers to the day do not wait', async () => {
    const ended = await oldSnapshot();
    const closer = closerOf();
    closer.begin(holder);
    await untilWaiting();
    await telemetry.sql`SELECT set_config('lock_timeout', '100ms', false)`;
    await logsOf(new Date(daysAgo(2).getTime() + dayMs / 2), 0);
    await telemetry.sql`UPDATE telemetry_log_events SET sampled = false`;
    await ended();
    await closer.settled();
    expect(told).toEqual([name]);
  });
});

describe('a leader that dies half-way leaves nothing for ever', () => {
  test('told to stop, it ends what is under way; the next one makes the half-built index anew', async () => {
    const ended = await oldSnapshot();
    // Nothing to pack, so that the search's index is what waits.
    await telemetry.sql.unsafe(`COMMENT ON TABLE ${name} IS 'command-center: indexes packed'`);
    const closer = closerOf();
    closer.begin(holder);
    await untilWaiting();
    await closer.stop();
    expect(await validities()).toEqual([false]);
    expect(told).toEqual([]);
    closer.begin(holder);
    await closer.settled();
    expect(await validities()).toEqual([false]);
    await ended();
    await closeAll();
    expect(await validities()).toEqual([true]);
    expect(told).toContain(name);
  });

  test('while the server still works for one that is gone, the day is left to it', async () => {
    const ended = await oldSnapshot();
    await telemetry.sql.unsafe(`COMMENT ON TABLE ${name} IS 'command-center: indexes packed'`);
    const gone = closerOf();
    gone.begin(holder);
    await untilWaiting();
    await closeAll();
    expect(told).not.toContain(name);
    await ended();
    await gone.settled();
    expect(await validities()).toEqual([true]);
  });

  test('where another sidecar leads by now, nothing is made', async () => {
    await releaseLease(telemetry.sql, holder);
    await closeAll();
    expect(told).toEqual(['close days failed']);
    expect(await validities()).toEqual([]);
  });

  test('after a failure it pauses, then the other days have their turn', async () => {
    const other = await logsOf(daysAgo(3), 1);
    const holding = connect(telemetry.url, { name: 'operator', max: 1 });
    const locked = Promise.withResolvers<void>();
    const done = Promise.withResolvers<void>();
    const lock = holding.begin(async (tx) => {
      await tx`LOCK TABLE ${tx(name)} IN SHARE UPDATE EXCLUSIVE MODE`;
      locked.resolve();
      await done.promise;
    });
    await locked.promise;
    const closer = closerOf(telemetry.sql, `${telemetry.url}?lock_timeout=50`);
    await closeAll(closer);
    expect(told).toEqual(['close days failed']);
    hoursLater = 0.3;
    await closeAll(closer);
    expect(told).toContain(other);
    expect(told).not.toContain(name);
    done.resolve();
    await lock;
    await holding.end();
    hoursLater = 1.1;
    await closeAll(closer);
    expect(told).toContain(name);
  });
});

describe('where pg_trgm is missing searches read whole days, and nothing fails', () => {
  test('a role that may not make it says so once, and asks again each hour: when it is there the index follows', async () => {
    const role = `leader_${randomBytes(8).toString('hex')}`;
    const { sql } = telemetry;
    await sql.unsafe(`
      CREATE ROLE ${role} LOGIN PASSWORD '${role}';
      GRANT ALL ON ALL TABLES IN SCHEMA public TO ${role};
      GRANT CREATE ON SCHEMA public TO ${role};
      ALTER TABLE ${name} OWNER TO ${role};
      ALTER TABLE telemetry_trace_index_${name.slice(-8)} OWNER TO ${role}`);
    const url = new URL(telemetry.url);
    url.username = role;
    url.password = role;
    const own = connect(url.href, { name: 'leader-test', max: 2 });
    try {
      const closer = closerOf(own, url.href);
      await closeAll(closer);
      await closeAll(closer);
      hoursLater = 1.1;
      await closeAll(closer);
      expect(told).toEqual(['searches read whole days', name, `telemetry_trace_index_${name.slice(-8)}`]);
      expect(await validities()).toEqual([]);
      await sql`CREATE SCHEMA elsewhere`;
      await sql`CREATE EXTENSION pg_trgm SCHEMA elsewhere`;
      await sql.unsafe(`GRANT USAGE ON SCHEMA elsewhere TO ${role}`);
      await closeAll(closer);
      expect(await validities()).toEqual([]);
      hoursLater = 2.2;
      await closeAll(closer);
      expect(await validities()).toEqual([true]);
    } finally {
      await own.end();
      await sql.unsafe(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
    }
  });
});
