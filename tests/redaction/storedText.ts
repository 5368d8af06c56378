import type { Sql } from 'postgres';
import { z } from 'zod';

/** Everything that a column holds, once each. */
export interface StoredColumn {
  /** `telemetry_log_events_20261124.message` */
  readonly where: string;
  readonly values: readonly string[];
  /** What stands in them as base64. */
  readonly decoded: readonly string[];
}

/** Types that hold no text; a column of any other type, also of one that is new, is read. */
const withoutText = [
  ...['bigint', 'integer', 'smallint', 'double precision', 'real', 'numeric', 'boolean'],
  ...['timestamp with time zone', 'timestamp without time zone', 'date', 'interval', 'uuid', 'oid'],
];

const columnRows = z.array(z.object({ table: z.string(), column: z.string(), type: z.string() }));
const valueRows = z.array(z.object({ value: z.string() }));

/** Every text of every table in the database, as information_schema lists them; bytes are read as the UTF-8 that they may hold. */
export async function storedText(sql: Sql): Promise<StoredColumn[]> {
  const columns = columnRows.parse(
    await sql`
      SELECT c.table_name AS table, c.column_name AS column, c.data_type AS type
      FROM information_schema.columns AS c
      JOIN information_schema.tables AS t USING (table_schema, table_name)
      WHERE t.table_type = 'BASE TABLE' AND c.table_schema NOT IN ('pg_catalog', 'information_schema')
        AND NOT c.data_type = ANY (${withoutText})`,
  );
  const read: StoredColumn[] = [];
  for (const { table, column, type } of columns) {
    const value = type === 'bytea' ? sql`encode(${sql(column)}, 'hex')` : sql`${sql(column)}::text`;
    const rows = valueRows.parse(
      await sql`SELECT DISTINCT ${value} AS value FROM ${sql(table)} WHERE ${sql(column)} IS NOT NULL`,
    );
    const values = rows.map((row) => (type === 'bytea' ? Buffer.from(row.value, 'hex').toString('utf8') : row.value));
    read.push({ where: `${table}.${column}`, values, decoded: values.flatMap(decodedWords) });
  }
  return read;
}

/** As a body of bytes is written. */
function decodedWords(value: string): string[] {
  return (value.match(/[A-Za-z0-9+/]{8,}={0,2}/g) ?? []).map((word) => Buffer.from(word, 'base64').toString('utf8'));
}

/** Characters shown on either side of what was found. */
const shownCharacters = 60;

/** Where a value stands, as it is or as JSON escapes it, with a little of what is around it. */
export function placesOf(value: string, columns: readonly StoredColumn[]): string[] {
  const forms = [...new Set([value, JSON.stringify(value).slice(1, -1)])];
  return columns.flatMap(({ where, values, decoded }) =>
    [...values, ...decoded].flatMap((stored) => {
      const at = Math.max(...forms.map((form) => stored.indexOf(form)));
      return at < 0 ? [] : [`${where}: ${stored.slice(Math.max(0, at - shownCharacters), at + shownCharacters)}`];
    }),
  );
}
