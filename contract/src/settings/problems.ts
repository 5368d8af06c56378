import type { SettingRow } from './row.ts';

/** A variable that stops the start. */
export interface SettingProblem {
  readonly variable: string;
  /** `="abc"`, masked for secrets; '' where the value must not or need not be shown. */
  readonly shown: string;
  /** What is allowed, or what to do. */
  readonly allowed: string;
}

/** Lines of one error; more help no one. */
export const maxListed = 50;
/** Environment variable names are longer only by mistake; bounds the comparison below. */
const maxNameLength = 100;

/** A misspelled variable would be without effect and without a word, which for a token means an open door. */
export function unknownVariables(
  env: Readonly<Record<string, string | undefined>>,
  rows: readonly SettingRow[],
): SettingProblem[] {
  const known = rows.map((row) => row.name);
  return Object.keys(env)
    .filter((name) => name.startsWith('COMMAND_CENTER_') && !known.includes(name))
    .slice(0, maxListed)
    .map((name) => ({
      variable: name.slice(0, maxNameLength),
      shown: '',
      allowed: `unknown; the nearest known one is ${nearest(name.slice(0, maxNameLength), known)}`,
    }));
}

function nearest(name: string, known: readonly string[]): string {
  let best = '';
  let least = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    const edits = editDistance(name, candidate);
    if (edits < least) [best, least] = [candidate, edits];
  }
  return best;
}

/** Levenshtein, row by row. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(replaced, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
