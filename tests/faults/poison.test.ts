import { seededRandom } from '@command-center/infra/demo/random';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { emptyTables, setClock } from './database/simulated.ts';
import { makeStage, type Stage } from './database/stage.ts';
import { idsOf } from './ledger/ledger.ts';
import { readStored } from './ledger/stored.ts';
import { encodeRequest } from './senders/encode.ts';
import { type Item, type Lane, makeLane } from './senders/lanes.ts';
import { InProcessSidecar } from './sidecars/inProcess.ts';

const NOW_MS = Date.UTC(2026, 0, 15, 6);
const SIZE = { steps: 3, stepNs: 10_000_000_000n, routes: 1, exponentialBuckets: 8, eventsPerStep: 4 };

let stage: Stage;
let sidecar: InProcessSidecar;
beforeAll(async () => {
  stage = await makeStage();
  // Stands for any data that decodes and that Postgres refuses all the same.
  await stage.sql.unsafe(`
    CREATE FUNCTION simulated.poison() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NEW.service = 'poison' THEN RAISE EXCEPTION USING ERRCODE = '22P05'; END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER poison BEFORE INSERT ON telemetry_log_events FOR EACH ROW EXECUTE FUNCTION simulated.poison()`);
});
afterAll(() => stage.close());
beforeEach(async () => {
  await emptyTables(stage.sql, false);
  await setClock(stage.sql, NOW_MS);
  sidecar = await InProcessSidecar.start({ databaseUrl: stage.url, nowMs: () => NOW_MS, log: () => undefined });
  return () => sidecar.stop();
});

const laneOf = (kind: Lane['kind'], service: string): Lane =>
  makeLane({ kind, service, arrival: 'inOrder', endMs: NOW_MS, size: SIZE }, seededRandom(7));

const sendAll = (lane: Lane, items: readonly Item[] = lane.steps.flat()) =>
  sidecar.send(lane.signal, encodeRequest(lane, items, false), false);

describe('a batch that Postgres refuses for its data is tried again request by request (design §5)', () => {
  it('refuses for good the request that fails alone; its neighbours are stored, once', async () => {
    const lanes = [
      laneOf('logs', 'before'),
      laneOf('logs', 'poison'),
      laneOf('traces', 'after'),
      laneOf('delta', 'too'),
    ];
    const answers = await Promise.allSettled(lanes.map((lane) => sendAll(lane)));
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
    expect(answers[1]).toMatchObject({ reason: { message: expect.stringContaining('refused_by_database') } });
    const stored = await readStored(stage.sql);
    const sent = lanes.flatMap((lane) => lane.steps.flat().map((item) => ({ lane, item })));
    expect(stored.logs).toEqual(
      idsOf(
        sent.filter(({ lane }) => lane.service === 'before'),
        'logs',
      ),
    );
    expect(stored.traces).toEqual(idsOf(sent, 'traces'));
    expect(stored.windows.size).toBeGreaterThan(0);
    // Sent again, as a sender does that got its answer too late.
    for (const lane of lanes) if (lane.service !== 'poison') expect(await sendAll(lane)).toBe('acknowledged');
    expect(await readStored(stage.sql)).toMatchObject({
      logs: stored.logs,
      traces: stored.traces,
      windows: stored.windows,
    });
  });
});
