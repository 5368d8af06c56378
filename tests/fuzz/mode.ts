import process from 'node:process';

/** `npm run test:fuzz` says `--mode full`; `npm test` runs the short form of the same tests. */
export const isFull = process.env.MODE === 'full';

/** FUZZ_SEED replays another run. */
export const seed = Number(process.env.FUZZ_SEED ?? 20_261_126);

/** FUZZ_FROM begins at another input than the first: each is made from the seed and its number alone. */
export const firstInput = Number(process.env.FUZZ_FROM ?? 0);

/** How to see a failure again: from the beginning of its round, where the memory was empty. */
export function replay(test: string, input: number, inputsARound: number): string {
  const from = input - (input % inputsARound);
  const mode = isFull ? ' --mode full' : '';
  return `input ${input}; replay with: FUZZ_SEED=${seed} FUZZ_FROM=${from} npx vitest run --project fuzz tests/fuzz/${test}.test.ts${mode}\n`;
}
