import { rangeName } from '@command-center/contract/api/primitives';
import { retentionDays } from '@command-center/contract/retention';
import { retentionExceptions } from '../exceptions.ts';
import type { Finding } from '../finding.ts';
import { filesLike, linesOf, type TextFile } from './files.ts';
import { type Relation, relationsOf } from './tables.ts';

/** Where the number of days is said; everything else takes it from there, or says the same. */
const saidIn = 'contract/src/retention.ts';

/** What runs, but for its tests. */
const code =
  /^(contract\/src|sidecar\/src|api\/src|drizzle|web\/src|infra)\/(?!.*(\.test\.ts|\/testing\/|^infra\/check\/)).*\.(ts|svelte)$/;
const statements = /^drizzle\/(migrations\/.*|schema)\.sql$/;
const documents = /^(README|CONTRIBUTING|SECURITY)\.md$|^docs\/(?!adr\/).*\.md$/;

/** Days of an interval of SQL, in its files and inside of code. */
const daysInSql = [/'(\d+) days?'/g, /days => (\d+)/g];
/** In code, under a name that says what they are for. */
const daysByName = [/\b\w*(?:retention|history|kept)\w*(?:_DAYS|Days) = (\d+)\b/gi];
/** The retention itself, computed anew. */
const secondTime = new RegExp(
  `\\b${retentionDays} \\* (?:86_?400(?:_?000)?|24 \\* |DAY_MS|dayMs|SECONDS_PER)|\\b${retentionDays * 86_400}(?:000)?\\b`,
);

/** What is kept in sentences: "keeps 30 days", "older than thirty days", "30 days of history". */
const daysInWords = [
  /\b(?:kept|keeps?|retain(?:s|ed)?|retention|stored|older than|past the|history of)\b[^.|;:]{0,30}?\b(\w+)[ -]days?\b/gi,
  /\b(\w+)[ -]days? (?:of|behind it|line|of its past|in Postgres)\b/gi,
];
const numberWords = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];
const tens = { fourteen: 14, twenty: 20, thirty: 30, sixty: 60, ninety: 90 };

/** Sentences about what has days of its own and is no telemetry, each by a word that gives it away. */
const ofOthers =
  /audit|back-?up|snapshot|certificate|credential|secret|rotat|recovery|log group|object|bucket|lifecycle|baseline|sketch|release|week|percentile|reserved|month|trigram|cost/i;

function dayNumber(word: string): number | undefined {
  if (/^\d+$/.test(word)) return Number(word);
  const lower = word.toLowerCase();
  const found = numberWords.indexOf(lower);
  return found === -1 ? new Map(Object.entries(tens)).get(lower) : found;
}

/** What lines say of days that is more than one, each number once a line. */
function saidDays(files: readonly TextFile[], patterns: readonly RegExp[]) {
  return linesOf(files).flatMap(({ where, line }) => {
    const said = new Map<number, string>();
    for (const [words, number = ''] of patterns.flatMap((pattern) => [...line.matchAll(pattern)])) {
      const days = dayNumber(number);
      if (days !== undefined && days > 1 && !said.has(days)) said.set(days, words.trim());
    }
    return [...said].map(([days, words]) => ({ where, line, words, days }));
  });
}

/** Places that say another number of days than the retention, and code that writes the number out where it can take the constant. */
export function otherRetentions(
  sql: readonly TextFile[] = filesLike(statements),
  ts: readonly TextFile[] = filesLike(code).filter(({ path }) => path !== saidIn),
  md: readonly TextFile[] = filesLike(documents),
): Finding[] {
  const what = (words: string): string => `says "${words}"; telemetry is kept for ${retentionDays} days (${saidIn})`;
  const longest = rangeName.options.at(-1);
  return [
    ...saidDays(sql, daysInSql)
      .filter(({ days }) => days !== retentionDays)
      .map(({ where, words }) => ({ where, what: what(words) })),
    ...saidDays(ts, [...daysInSql, ...daysByName]).map(({ where, words }) => ({
      where,
      what: `says "${words}"; take the number from ${saidIn}`,
    })),
    ...linesOf(ts).flatMap(({ where, line }) =>
      secondTime.test(line.replaceAll(/(?<=\d)_(?=\d)/g, ''))
        ? [{ where, what: `computes the retention; take it from ${saidIn}` }]
        : [],
    ),
    ...saidDays(md, daysInWords)
      .filter(({ days, line }) => days !== retentionDays && !ofOthers.test(line))
      .map(({ where, words }) => ({ where, what: what(words) })),
    ...(longest === `${retentionDays}d`
      ? []
      : [{ where: 'contract/src/api/primitives.ts', what: `the longest range is ${longest}, not ${retentionDays}d` }]),
  ];
}

/** Tables whose rows have a time and that retention passes by; and exceptions that nothing needs any more. */
export function unpurged(
  relations: readonly Relation[] = relationsOf(filesLike(/^drizzle\/schema\.sql$/)[0]?.text ?? ''),
  purge: string = filesLike(/^sidecar\/src\/lead\/purge\.ts$/)[0]?.text ?? '',
  partitions: string = filesLike(/^drizzle\/partitions\.ts$/)[0]?.text ?? '',
  exceptions: Readonly<Record<string, string>> = retentionExceptions,
): Finding[] {
  const timed = relations.filter(({ isView, times }) => !isView && times.length > 0);
  const isPartitioned = (name: string): boolean => partitions.includes(`'${name}'`);
  // A DELETE of rows by one of the table's times, up to the end of its template.
  const isDeleted = ({ name, times }: Relation): boolean =>
    [...purge.matchAll(/DELETE FROM (\w+)\b([^`]*)/g)].some(
      ([, table, rest = '']) => table === name && times.some((time) => new RegExp(`\\b${time} (<|>=) `).test(rest)),
    );
  const isCovered = (table: Relation): boolean => isPartitioned(table.name) || isDeleted(table);
  return [
    ...timed
      .filter((table) => !isCovered(table) && !Object.hasOwn(exceptions, table.name))
      .map(({ name }) => ({ where: 'sidecar/src/lead/purge.ts', what: `nothing ever deletes old rows of ${name}` })),
    ...Object.keys(exceptions)
      .filter((name) => timed.every((table) => table.name !== name || isCovered(table)))
      .map((where) => ({ where, what: 'its exception from retention is no longer needed' })),
  ];
}
