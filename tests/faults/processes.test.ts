import process from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MortalPostgres } from './database/mortalPostgres.ts';
import { makeProcessSchedule } from './processSchedule.ts';
import { replayLine, seedsOf } from './replay.ts';
import { runProcesses } from './runProcesses.ts';

/** `npm run test:faults` plays 50. */
const SHORT_FORM = 2;
const seeds = seedsOf(process.env, 'FAULT_PROCESS_SCHEDULES', SHORT_FORM);
const TIMEOUT_MS = 300_000;
/** Longer than a sidecar waits for a silent Postgres (20 s). */
const FROZEN_MS = 22_000;
const FROZEN_SEED = 1_000_000;

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

  it('processes, frozen for longer than a sidecar waits, then thawed with its commits', {
    timeout: TIMEOUT_MS,
  }, async ({ skip }) => {
    if (seeds.length <= SHORT_FORM) skip('22 s of waiting: npm run test:faults');
    const schedule = makeProcessSchedule(FROZEN_SEED, Date.now());
    const frozen = { ...schedule, blows: [{ at: 0.3, blow: { type: 'freezePostgres', forMs: FROZEN_MS } as const }] };
    const { records, failedAttempts } = await runProcesses(frozen, server);
    process.stdout.write(`processes, frozen: ${records} records, ${failedAttempts} attempts tried again\n`);
    expect(failedAttempts).toBeGreaterThan(0);
  });
});
