/** How many tests of a run did what; every test script ends with these as one line (interfaces.md §5). */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** What a line that names a failure begins with; `npm test` says them all again at its end. */
export const FAILED = 'FAILED  ';

/** `12 passed, 0 failed`, and `, 3 skipped` where some were. */
export function countsLine({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/** Reads such a line; undefined = it is none. */
export function parseCounts(line: string): Counts | undefined {
  const [, passed, failed, skipped = '0'] = /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/.exec(line.trim()) ?? [];
  if (passed === undefined || failed === undefined) return undefined;
  return { passed: Number(passed), failed: Number(failed), skipped: Number(skipped) };
}

export function addCounts(all: readonly Counts[]): Counts {
  const total = (of: (counts: Counts) => number): number => all.reduce((sum, counts) => sum + of(counts), 0);
  return {
    passed: total(({ passed }) => passed),
    failed: total(({ failed }) => failed),
    skipped: total(({ skipped }) => skipped),
  };
}
