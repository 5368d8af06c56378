import { beforeEach, describe, expect, test } from 'vitest';
import { type Answer, type RecentRuns, recentRuns } from './recentRuns.ts';

const heldMs = 1_000;
const heldBytes = 10_000;
let clock: number;
let runs: RecentRuns;
beforeEach(() => {
  clock = 5_000;
  runs = recentRuns(heldMs, heldBytes, () => clock);
});

const answerOf = (bytes: number): Answer => ({ status: 200, headers: [], body: new Uint8Array(bytes), filters: {} });

describe('an answer is held for the milliseconds since its run began', () => {
  test('to the last of them and no longer, however long it took to be there', async () => {
    const run = runs.begin('/summary', 'v1');
    clock += 400;
    run.end(answerOf(1), true);
    clock += 599;
    expect(runs.find('/summary')?.version).toBe('v1');
    expect(await runs.find('/summary')?.answer).toEqual(answerOf(1));
    clock += 1;
    expect(runs.find('/summary')).toBeUndefined();
  });

  test('while it runs there is a promise of it', async () => {
    const run = runs.begin('/summary', 'v1');
    const found = runs.find('/summary');
    run.end(answerOf(7), true);
    expect(await found?.answer).toEqual(answerOf(7));
  });

  test('a run that outlives them is not joined, and when it ends takes the place of none', async () => {
    const slow = runs.begin('/logs', 'v1');
    clock += heldMs;
    expect(runs.find('/logs')).toBeUndefined();
    const quick = runs.begin('/logs', 'v1');
    quick.end(answerOf(2), true);
    slow.end(answerOf(1), true);
    expect(await runs.find('/logs')?.answer).toEqual(answerOf(2));
  });

  test('a clock of zero milliseconds holds nothing and joins nobody', () => {
    const none = recentRuns(0, heldBytes, () => clock);
    const run = none.begin('/logs', 'v1');
    expect(none.find('/logs')).toBeUndefined();
    run.end(answerOf(1), true);
    expect(none.find('/logs')).toBeUndefined();
  });
});

describe('what is not held', () => {
  test('a failure: told to who waits, and forgotten', async () => {
    const run = runs.begin('/logs', 'v1');
    const found = runs.find('/logs');
    run.fail(new Error('broken'));
    await expect(found?.answer).rejects.toThrow('broken');
    expect(runs.find('/logs')).toBeUndefined();
  });

  test('an answer that is not to be', async () => {
    const run = runs.begin('/logs', 'v1');
    const found = runs.find('/logs');
    run.end(answerOf(3), false);
    expect(await found?.answer).toEqual(answerOf(3));
    expect(runs.find('/logs')).toBeUndefined();
  });

  test('one that is larger than all that may be held, which pushes nothing out', async () => {
    runs.begin('/small', 'v1').end(answerOf(10), true);
    runs.begin('/huge', 'v1').end(answerOf(heldBytes), true);
    expect(runs.find('/huge')).toBeUndefined();
    expect(await runs.find('/small')?.answer).toEqual(answerOf(10));
  });

  test('the oldest, where together they are too large; one asked for anew counts once', () => {
    for (let again = 0; again < 20; again += 1) runs.begin('/a', 'v1').end(answerOf(3_000), true);
    runs.begin('/b', 'v1').end(answerOf(3_000), true);
    expect(runs.find('/a')).toBeDefined();
    runs.begin('/c', 'v1').end(answerOf(3_000), true);
    expect(runs.find('/a')).toBeUndefined();
    expect(runs.find('/b')).toBeDefined();
    expect(runs.find('/c')).toBeDefined();
  });

  test('what became too old leaves room for others', () => {
    for (let minute = 0; minute < 50; minute += 1) {
      runs.begin(`/a${minute}`, 'v1').end(answerOf(4_000), true);
      runs.begin(`/b${minute}`, 'v1').end(answerOf(4_000 - 2_200), true);
      expect(runs.find(`/a${minute}`)).toBeDefined();
      expect(runs.find(`/b${minute}`)).toBeDefined();
      clock += heldMs;
    }
  });
});
