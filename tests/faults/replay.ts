import { spawnSync } from 'node:child_process';

/** The seeds of a run: one that is named, or so many from the first on. */
export function seedsOf(
  environment: Readonly<Record<string, string | undefined>>,
  countVariable: string,
  shortForm: number,
): number[] {
  const { FAULT_SEED, FAULT_FIRST_SEED } = environment;
  if (FAULT_SEED !== undefined) return [Number(FAULT_SEED)];
  const first = Number(FAULT_FIRST_SEED ?? 1);
  return Array.from({ length: Number(environment[countVariable] ?? shortForm) }, (_, index) => first + index);
}

/** What a failure prints: seed, commit, what was planned, and the command that plays it again. */
export function replayLine(seed: number, file: 'inProcess' | 'processes', schedule: object): string {
  const commit = spawnSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).stdout?.trim() ?? '?';
  const shown = JSON.stringify(schedule, (_, value: unknown) => {
    if (value instanceof Map) return Object.fromEntries(value);
    return typeof value === 'bigint' ? Number(value) : value;
  });
  return (
    `\nseed ${seed}, commit ${commit}: ${shown}\n` +
    `replay with: FAULT_SEED=${seed} npx vitest run --project faults tests/faults/${file}.test.ts\n`
  );
}
