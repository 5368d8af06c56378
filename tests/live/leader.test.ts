import process from 'node:process';
import type { Sql } from 'postgres';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../processes/api.ts';
import { noRedis, type Redis, startRedis } from '../processes/redis.ts';
import type { SidecarProcess } from '../processes/sidecar.ts';
import { openStage, type Stage } from './stage.ts';
import { subscribed } from './watcher.ts';

/** The lease of 6 s, a look every 2 s, and what a machine with other work adds (issue: 15 s). */
const TAKE_OVER_MS = 15_000;

let redis: Redis;
let stage: Stage;
beforeEach(async ({ skip }) => {
  skip(noRedis !== undefined, noRedis);
  redis = await startRedis();
  stage = await openStage({ COMMAND_CENTER_PROBE_VALKEY_URL: `redis://127.0.0.1:${redis.port}` }, 2);
  // Every write of the summary leaves its writer.
  await stage.sql.unsafe(`
    CREATE TABLE written (n bigint GENERATED ALWAYS AS IDENTITY, writer integer, at timestamptz DEFAULT clock_timestamp());
    CREATE FUNCTION keep_writer() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN INSERT INTO written (writer) VALUES (NEW.writer); RETURN NEW; END $$;
    CREATE TRIGGER keep_writer AFTER INSERT OR UPDATE ON telemetry_summary FOR EACH ROW EXECUTE FUNCTION keep_writer();`);
});
afterEach(async () => {
  if (noRedis !== undefined) return;
  for (const sidecar of stage.sidecars) if (sidecar.isAlive()) sidecar.signal('SIGCONT');
  await stage.close();
  await redis.close();
});

/** Who wrote, one after another; each run of one writer once. */
async function reigns(sql: Sql): Promise<readonly number[]> {
  const rows = await sql<{ writer: number }[]>`SELECT writer FROM written ORDER BY n`;
  return rows.map(({ writer }) => writer).filter((writer, index, all) => writer !== all[index - 1]);
}

async function lastWriter(sql: Sql): Promise<number | undefined> {
  return (await reigns(sql)).at(-1);
}

/** The one that leads, and the one that waits. */
async function roles(): Promise<{ leader: SidecarProcess; other: SidecarProcess; writer: number }> {
  const writer = await eventually(
    () => lastWriter(stage.sql),
    (found) => found !== undefined,
  );
  const leads = ({ stderr }: SidecarProcess) => new RegExp(`"event":"leading","holder":${writer}\\b`).test(stderr());
  const leader = stage.sidecars.find(leads);
  const other = stage.sidecars.find((each) => each !== leader);
  if (leader === undefined || other === undefined || writer === undefined) throw new Error('nobody leads');
  return { leader, other, writer };
}

async function expectValkeyHealthy(): Promise<void> {
  const status = async () => {
    const [row] = await stage.sql<{ status: string }[]>`
      SELECT status FROM telemetry_service_health WHERE service_id = 'valkey'`;
    return row?.status;
  };
  await eventually(status, (found) => found === 'healthy');
}

const transitions = () => stage.sql`SELECT service_id, old_status, new_status FROM telemetry_health_transitions`;

/** Another one writes within the time, as browsers at the other sidecar see it; nothing was told to have changed. */
async function expectSuccessor(other: SidecarProcess, before: number, sinceMs: number): Promise<number> {
  const writer = await eventually(
    () => lastWriter(stage.sql),
    (found) => found !== before,
    TAKE_OVER_MS,
  );
  const tookMs = performance.now() - sinceMs;
  process.stdout.write(`a leader went away: another one wrote after ${(tookMs / 1_000).toFixed(1)} s\n`);
  expect(tookMs).toBeLessThan(TAKE_OVER_MS);
  const watcher = await subscribed(other.own, await stage.ticket());
  const { frame } = await watcher.until('admin.observability.vital_signs');
  expect(frame.data.summary.stale).toBe(false);
  expect(frame.data.summary.services.find(({ id }) => id === 'valkey')?.status).toBe('healthy');
  await watcher.leave();
  return writer ?? Number.NaN;
}

describe('the sidecar that leads goes away (design §6)', () => {
  it('killed: another one leads within 15 s, and no status changes by it', async () => {
    const { leader, other, writer } = await roles();
    await expectValkeyHealthy();
    const startedMs = performance.now();
    await leader.kill9();
    const next = await expectSuccessor(other, writer, startedMs);
    expect(await reigns(stage.sql)).toEqual([writer, next]);
    expect(await transitions()).toEqual([]);
  });

  it('frozen, and woken: another one leads, and the woken one writes nothing', { timeout: 60_000 }, async () => {
    const { leader, other, writer } = await roles();
    await expectValkeyHealthy();
    const startedMs = performance.now();
    leader.signal('SIGSTOP');
    const next = await expectSuccessor(other, writer, startedMs);
    leader.signal('SIGCONT');
    // The woken one had a round under way, and competes again: three more writes of its successor.
    const writes = async () => Number((await stage.sql`SELECT count(*) FROM written`)[0]?.count);
    const before = await writes();
    await eventually(writes, (count) => count >= before + 3, 40_000);
    expect(await reigns(stage.sql)).toEqual([writer, next]);
    expect(await transitions()).toEqual([]);
  });

  it('stopped in order: another one leads at its next look', async () => {
    const { leader, other, writer } = await roles();
    await expectValkeyHealthy();
    await leader.stop();
    const stoppedMs = performance.now();
    await eventually(
      () => lastWriter(stage.sql),
      (found) => found !== writer,
    );
    expect(performance.now() - stoppedMs).toBeLessThan(5_000);
    await expectSuccessor(other, writer, stoppedMs);
    expect(await transitions()).toEqual([]);
  });
});
