import process from 'node:process';

/** `npm run test:fuzz` says `--mode full`; `npm test` runs the short form of the same tests. */
export const isFull = process.env.MODE === 'full';

/** FUZZ_SEED replays another run. */
export const seed = Number(process.env.FUZZ_SEED ?? 20_261_126);
