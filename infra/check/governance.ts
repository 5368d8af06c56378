import { isForbiddenKey } from '@command-center/contract/redaction/redact';
import { retentionDays } from '@command-center/contract/retention';
import { forbiddenColumnExceptions, retentionExceptions } from './exceptions.ts';
import type { Finding } from './finding.ts';
import { textOf, treeOf } from './tree.ts';

/** What the plan's task 35 asks of every change: thirty days, and no column for what must not be kept. */

/** `interval '30 days'`, `days => 30` and `{ days: 30 }` with a number in them. */
const daysPattern = /interval '(\d+) days?'|days => (\d+)|retention\w*\D{0,20}\b(\d+) days?/gi;

/** Numbers of days in SQL, the leader and the queries that are not the one of contract/src/retention.ts. */
export function otherRetentions(files: Readonly<Record<string, string>> = sources()): Finding[] {
  return Object.entries(files).flatMap(([path, text]) =>
    text.split('\n').flatMap((line, index) =>
      [...line.matchAll(daysPattern)]
        .map(([, ...numbers]) => Number(numbers.find((number) => number !== undefined)))
        // A step of one day is no retention.
        .filter((days) => days !== retentionDays && days !== 1)
        .map((days) => ({
          where: `${path}:${index + 1}`,
          what: `keeps ${days} days; the retention is ${retentionDays}`,
        })),
    ),
  );
}

function sources(): Record<string, string> {
  const paths = treeOf().files.filter(
    (path) =>
      /^(drizzle\/.*\.(sql|ts)|sidecar\/src\/lead\/.*\.ts|api\/src\/queries\/.*\.ts|docs\/[a-z]+\.md|README\.md)$/.test(
        path,
      ) && !path.endsWith('.test.ts'),
  );
  return Object.fromEntries(paths.map((path) => [path, textOf(path)]));
}

interface Table {
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
}

/** Tables and views of the dump that every migration ends in (drizzle/schema.sql). */
export function tablesOf(dump: string): Table[] {
  return [...dump.matchAll(/^CREATE TABLE (?:public\.)?(\w+) \(\n([\s\S]*?)\n\)/gm)].map(
    ([, name = '', body = '']) => ({
      name,
      columns: body.split('\n').flatMap((line) => {
        const [, column, type] = /^ {2}"?(\w+)"? ([a-z][\w ]*)/.exec(line) ?? [];
        return column === undefined || type === undefined || column === 'CONSTRAINT' ? [] : [{ name: column, type }];
      }),
    }),
  );
}

/** Tables with a time that retention does not reach. */
export function keptForEver(
  tables: readonly Table[] = tablesOf(textOf('drizzle/schema.sql')),
  purge: string = textOf('sidecar/src/lead/purge.ts'),
): Finding[] {
  return tables
    .filter(
      ({ name, columns }) =>
        columns.some(({ type }) => type.startsWith('timestamp')) && !new RegExp(`DELETE FROM ${name}\\b`).test(purge),
    )
    .filter(({ name }) => !Object.hasOwn(retentionExceptions, name))
    .map(({ name }) => ({
      where: 'sidecar/src/lead/purge.ts',
      what: `deletes nothing from ${name}, which has a time`,
    }));
}

/** Columns that are called like what must not be kept (contract.md §2). */
export function forbiddenColumns(tables: readonly Table[] = tablesOf(textOf('drizzle/schema.sql'))): Finding[] {
  return tables.flatMap(({ name, columns }) =>
    columns
      .filter(
        (column) =>
          isForbiddenKey(column.name) ||
          /^(email|e_mail|ip|ip_address|user_name|username|address|phone|body)$/.test(column.name),
      )
      .filter((column) => !Object.hasOwn(forbiddenColumnExceptions, `${name}.${column.name}`))
      .map((column) => ({
        where: 'drizzle/schema.sql',
        what: `${name}.${column.name} is called like something that is never kept`,
      })),
  );
}
