import process from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MortalPostgres } from './database/mortalPostgres.ts';
import { makeProcessSchedule } from './processSchedule.ts';
import { replayLine, seedsOf } from './replay.ts';
import { runProcesses } from './runProcesses.ts';

/** The short form; `npm run test:faults` plays 50. */
const seeds = seedsOf(process.env, 'FAULT_PROCESS_SCHEDULES', 3);
const TIMEOUT_MS = 180_000;

let server: MortalPostgres;
beforeAll(async () => {
  server = await MortalPostgres.start();
});
afterAll(() => server.stop());

describe('nothing lost, nothing doubled, when real processes are killed, frozen and cut off (design §5)', () => {
  it.each(seeds)('processes, seed %i', { timeout: TIMEOUT_MS }, async (seed) => {
    const schedule = makeProcessSchedule(seed, Date.now());
    try {
      const { records, failedAttempts } = await runProcesses(schedule, server);
      const blows = schedule.blows.map(({ blow }) => blow.type).join(', ');
      process.stdout.write(
        `processes, seed ${seed}: ${records} records, ${failedAttempts} attempts tried again; ${blows}\n`,
      );
      expect(failedAttempts).toBeGreaterThan(0);
    } catch (error) {
      process.stdout.write(replayLine(seed, 'processes', schedule));
      throw error;
    }
  });
});
