import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/**
 * The corpus: `corpus/forbidden/<kind>.jsonl` and `corpus/innocent/<kind>.jsonl`, a case a line. `sent` is what an application, a server or a
 * library writes; of it, no `forbidden` string may be stored. With a `key`, `sent` is the value of a field of that name, and only its key tells
 * what it is. A new case needs no code.
 */
const folder = join(import.meta.dirname, 'corpus');

/** Shorter ones would be found by chance in digests and numbers. */
const minForbiddenCharacters = 5;

const forbiddenCase = z.strictObject({
  key: z.string().optional(),
  sent: z.string(),
  forbidden: z.array(z.string().min(minForbiddenCharacters)).min(1),
});
const innocentCase = z.strictObject({ sent: z.string() });

export interface ForbiddenCase extends z.infer<typeof forbiddenCase> {
  /** `postgres.jsonl:7` */
  readonly where: string;
}

export interface InnocentCase extends z.infer<typeof innocentCase> {
  readonly where: string;
  /** Of `names` and `identifiers`: stays as it is as the name of a thing; other texts may be templated there. */
  readonly isName: boolean;
  /** Not of `identifiers`: stays as it is in a message; with a colon in it, an identifier reads like a field there. */
  readonly isText: boolean;
}

export function forbiddenCases(): ForbiddenCase[] {
  return lines('forbidden').map(({ where, json }) => ({ ...forbiddenCase.parse(json), where }));
}

export function innocentCases(): InnocentCase[] {
  return lines('innocent').map(({ where, json }) => ({
    ...innocentCase.parse(json),
    where,
    isName: /^(?:names|identifiers)\./.test(where),
    isText: !where.startsWith('identifiers.'),
  }));
}

function lines(side: 'forbidden' | 'innocent'): { where: string; json: unknown }[] {
  return readdirSync(join(folder, side)).flatMap((file) =>
    readFileSync(join(folder, side, file), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line, index) => ({ where: `${file}:${index + 1}`, json: JSON.parse(line) as unknown })),
  );
}
