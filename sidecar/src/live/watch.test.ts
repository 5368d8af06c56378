import type { PoolWithDeadline } from '@command-center/drizzle/deadline';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { BLIND_AFTER_MS, LOOK_EVERY_MS } from './limits.ts';
import { createWatch, type Watch } from './watch.ts';

let looks: number;
let blind: number;
let watch: Watch;

/** A database that does not answer. */
const away = {
  within: () => {
    looks += 1;
    return Promise.reject(new Error('away'));
  },
} as unknown as PoolWithDeadline;

beforeEach(() => {
  vi.useFakeTimers();
  [looks, blind] = [0, 0];
  watch = createWatch(away, () => undefined, { onLook: () => undefined, onBlind: () => (blind += 1) });
});
afterEach(async () => {
  await watch.stop();
  vi.useRealTimers();
});

const longEnough = () => vi.advanceTimersByTimeAsync(BLIND_AFTER_MS + LOOK_EVERY_MS);

it('looks at nothing while nobody watches', async () => {
  await longEnough();
  watch.hurry();
  await longEnough();
  expect(looks).toBe(0);
});

it('says once that it sees nothing, and again to who comes later', async () => {
  watch.begin();
  await vi.advanceTimersByTimeAsync(BLIND_AFTER_MS - LOOK_EVERY_MS);
  expect(blind).toBe(0);
  await longEnough();
  await longEnough();
  expect(blind).toBe(1);
  watch.rest();
  watch.begin();
  await longEnough();
  expect(blind).toBe(2);
});
