import { is, SQL } from 'drizzle-orm';
import { getTableConfig, PgDialect, PgTable } from 'drizzle-orm/pg-core';
import type { Sql } from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as adminSchema from './adminSchema.ts';
import { connect } from './connect.ts';
import { dumpSchema } from './dump.ts';
import * as schema from './schema.ts';
import { type FreshDatabase, freshDatabase } from './testing/database.ts';

let database: FreshDatabase;
let sql: Sql;
beforeAll(async () => {
  database = await freshDatabase();
  sql = connect(database.url, { name: 'schema-test', max: 1 });
});
afterAll(async () => {
  await sql.end();
  await database.drop();
});

const tables = Object.values({ ...schema, ...adminSchema })
  .filter((value) => is(value, PgTable))
  .map((table) => getTableConfig(table));

/** Postgres puts all but a plain column in parentheses. */
const bare = (definition: string): string => definition.replace(/ WHERE \((.*)\)$/, ' WHERE $1');

describe('schema.ts and the migrations say the same (style.md, "SQL is SQL")', () => {
  test('the same tables', async () => {
    const rows = await sql<{ name: string }[]>`
      SELECT relname AS name FROM pg_class
      WHERE relkind IN ('r', 'p') AND NOT relispartition AND relnamespace = current_schema()::regnamespace
        AND relname <> 'command_center_migrations' ORDER BY relname`;
    expect(tables.map(({ name }) => name).sort()).toEqual(rows.map(({ name }) => name));
  });

  test.each(tables.map((table) => [table.name, table] as const))('%s has the same columns', async (name, table) => {
    const rows = await sql<{ name: string; type: string; is_required: boolean; has_default: boolean }[]>`
      SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS is_required,
        a.atthasdef OR a.attidentity <> '' AS has_default
      FROM pg_attribute AS a WHERE a.attrelid = ${name}::regclass AND a.attnum > 0 ORDER BY a.attnum`;
    const inKey = new Set(table.primaryKeys.flatMap(({ columns }) => columns.map((column) => column.name)));
    const declared = table.columns.map((column) => ({
      name: column.name,
      type: column.getSQLType(),
      is_required: column.notNull || inKey.has(column.name),
      has_default: column.hasDefault || column.generatedIdentity !== undefined,
    }));
    expect([...rows]).toEqual(declared);
  });

  test.each(tables.map((table) => [table.name, table] as const))('%s has the same keys', async (name, table) => {
    const rows = await sql<{ columns: string[]; is_primary: boolean }[]>`
      SELECT to_json(array(SELECT a.attname::text FROM unnest(n.conkey) WITH ORDINALITY AS k(attnum, place)
        JOIN pg_attribute AS a ON a.attrelid = n.conrelid AND a.attnum = k.attnum ORDER BY place)) AS columns, n.contype = 'p' AS is_primary
      FROM pg_constraint AS n WHERE n.conrelid = ${name}::regclass AND n.contype IN ('p', 'u') ORDER BY n.contype`;
    const own = table.columns.filter((column) => column.primary).map((column) => [column.name]);
    const primary = [...own, ...table.primaryKeys.map(({ columns }) => columns.map((column) => column.name))];
    const unique = table.uniqueConstraints.map(({ columns }) => columns.map((column) => column.name));
    expect(rows.filter((row) => row.is_primary).map((row) => row.columns)).toEqual(primary);
    expect(rows.filter((row) => !row.is_primary).map((row) => row.columns)).toEqual(unique);
  });

  test('the same indexes beside the keys', async () => {
    const rows = await sql<{ name: string; definition: string }[]>`
      SELECT c.relname AS name, pg_get_indexdef(i.indexrelid) AS definition
      FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid
      WHERE c.relnamespace = current_schema()::regnamespace AND NOT c.relispartition
        AND NOT EXISTS (SELECT 1 FROM pg_constraint AS n WHERE n.conindid = i.indexrelid) ORDER BY c.relname`;
    const dialect = new PgDialect();
    const declared = tables.flatMap(({ name, indexes }) =>
      indexes.map(({ config }) => {
        const columns = config.columns.map((column) => {
          if (is(column, SQL)) return dialect.sqlToQuery(column).sql;
          if (!('name' in column)) throw new Error(`${config.name}: a column without a name`);
          return `${column.name}${column.indexConfig?.order === 'desc' ? ' DESC' : ''}`;
        });
        const where = config.where === undefined ? '' : ` WHERE ${dialect.sqlToQuery(config.where).sql}`;
        return { name: config.name, definition: `${name} USING btree (${columns.join(', ')})${where}` };
      }),
    );
    const found = rows.map((row) => ({ ...row, definition: bare(row.definition.replace(/^.* ON (ONLY )?\w+\./, '')) }));
    expect(found).toEqual(declared.sort((a, b) => String(a.name).localeCompare(String(b.name))));
  });

  test('schema.sql is what the migrations make of an empty database', async ({ skip }) => {
    const [server] = await sql<{ version: number }[]>`SELECT current_setting('server_version_num')::integer AS version`;
    if ((server?.version ?? 0) < 160_000) return skip('Postgres 15 prints the columns of views with their table');
    await expect(await dumpSchema(sql)).toMatchFileSnapshot('./schema.sql');
  });
});
