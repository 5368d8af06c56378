import process from 'node:process';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { makeStage, type Stage } from './database/stage.ts';
import { replayLine, seedsOf } from './replay.ts';
import { runSchedule, type Told } from './runSchedule.ts';
import { makeSchedule } from './schedule.ts';

/** The short form; `npm run test:faults` plays 1,000. */
const seeds = seedsOf(process.env, 'FAULT_SCHEDULES', 16);
/** Schedules at once, each on a database of its own: one waits most of its time. */
const STAGES = Math.min(6, seeds.length);
const TIMEOUT_MS = 120_000;

const stages: Stage[] = [];
const results = new Map(seeds.map((seed) => [seed, Promise.withResolvers<Told>()]));
const told: Told[] = [];

async function playAll(stage: Stage, waiting: number[]): Promise<void> {
  for (let seed = waiting.shift(); seed !== undefined; seed = waiting.shift()) {
    const result = results.get(seed);
    try {
      const one = await runSchedule(makeSchedule(seed), stage);
      told.push(one);
      result?.resolve(one);
    } catch (error) {
      result?.reject(error);
    }
  }
}

beforeAll(async () => {
  for (let index = 0; index < STAGES; index += 1) stages.push(await makeStage());
  // A test asks for its result when its turn comes; until then nobody does.
  for (const { promise } of results.values()) promise.catch(() => undefined);
  const waiting = [...seeds];
  for (const stage of stages) void playAll(stage, waiting);
});
afterAll(async () => {
  const sum = (of: (one: Told) => number): number => told.reduce((total, one) => total + of(one), 0);
  process.stdout.write(
    `${told.length} schedules in process: ${sum((one) => one.records)} records in ${sum((one) => one.rounds)} rounds, ` +
      `${sum((one) => one.failedAttempts)} attempts tried again\n`,
  );
  for (const stage of stages) await stage.close();
});

describe('nothing lost, nothing doubled, whatever fails between sidecars and Postgres (design §5)', () => {
  it.each(seeds)('in process, seed %i', { timeout: TIMEOUT_MS }, async (seed) => {
    try {
      await results.get(seed)?.promise;
    } catch (error) {
      process.stdout.write(replayLine(seed, 'inProcess', makeSchedule(seed)));
      throw error;
    }
  });
});
