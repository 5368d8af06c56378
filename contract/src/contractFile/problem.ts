import { text } from '../redaction/redact.ts';

export type Path = readonly (string | number)[];

/** What is wrong at a place of the file. */
export interface Problem {
  readonly path: Path;
  readonly what: string;
}

/** Words are shown and stored beside the data, under the same rule. */
export function wordProblems(words: string, path: Path): Problem[] {
  return text(words).value === words ? [] : [{ path, what: 'holds what no table may hold' }];
}
