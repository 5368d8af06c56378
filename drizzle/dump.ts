import type { Sql } from 'postgres';

/** Day partitions come and go; their parents tell how they look. */
const inOurSchema = (alias: string): string =>
  `${alias}.relnamespace = current_schema()::regnamespace AND NOT ${alias}.relispartition AND ${alias}.relname <> 'command_center_migrations'`;

const tables = `
  SELECT format(E'CREATE TABLE %I (\\n%s\\n)%s%s;', c.relname,
    (SELECT string_agg('  ' || line, E',\\n' ORDER BY place, line) FROM (
      SELECT a.attnum AS place, format('%I %s%s%s%s', a.attname, format_type(a.atttypid, a.atttypmod),
        CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END,
        CASE WHEN a.attidentity = 'a' THEN ' GENERATED ALWAYS AS IDENTITY' ELSE '' END,
        coalesce(' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), '')) AS line
      FROM pg_attribute AS a LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      UNION ALL
      SELECT 32767, format('CONSTRAINT %I %s', n.conname, pg_get_constraintdef(n.oid))
      FROM pg_constraint AS n WHERE n.conrelid = c.oid AND n.contype IN ('p', 'u', 'c', 'f')
    ) AS lines),
    coalesce(' PARTITION BY ' || pg_get_partkeydef(c.oid), ''),
    coalesce(' WITH (' || array_to_string(c.reloptions, ', ') || ')', '')) AS ddl
  FROM pg_class AS c WHERE c.relkind IN ('r', 'p') AND ${inOurSchema('c')} ORDER BY c.relname`;

const indexes = `
  SELECT pg_get_indexdef(i.indexrelid) || ';' AS ddl
  FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid JOIN pg_class AS t ON t.oid = i.indrelid AND NOT t.relispartition
  WHERE ${inOurSchema('c')} AND NOT EXISTS (SELECT 1 FROM pg_constraint AS n WHERE n.conindid = i.indexrelid) ORDER BY c.relname`;

const sequences = `
  SELECT format('CREATE SEQUENCE %I AS %s;', c.relname, format_type(s.seqtypid, NULL)) AS ddl
  FROM pg_sequence AS s JOIN pg_class AS c ON c.oid = s.seqrelid
  WHERE ${inOurSchema('c')} AND NOT EXISTS (SELECT 1 FROM pg_depend AS d WHERE d.objid = c.oid AND d.deptype = 'i') ORDER BY c.relname`;

const views = `
  SELECT format(E'CREATE VIEW %I AS\\n%s', c.relname, pg_get_viewdef(c.oid)) AS ddl
  FROM pg_class AS c WHERE c.relkind = 'v' AND ${inOurSchema('c')} ORDER BY c.relname`;

/** Those that an extension brings are its own. */
const functions = `
  SELECT pg_get_functiondef(p.oid) || ';' AS ddl FROM pg_proc AS p
  WHERE p.pronamespace = current_schema()::regnamespace
    AND NOT EXISTS (SELECT 1 FROM pg_depend AS d WHERE d.objid = p.oid AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e')
  ORDER BY p.proname`;

const grants = `
  SELECT format('GRANT %s ON %I TO %I;', string_agg(privilege_type, ', ' ORDER BY privilege_type), table_name, grantee) AS ddl
  FROM information_schema.role_table_grants
  WHERE table_schema = current_schema() AND grantee = 'command_center_reader' GROUP BY table_name, grantee ORDER BY table_name`;

/** Of functions PUBLIC may run what nobody took from it. */
const functionGrants = `
  SELECT format('GRANT %s ON FUNCTION %I TO %I;', privilege_type, routine_name, grantee) AS ddl
  FROM information_schema.role_routine_grants
  WHERE routine_schema = current_schema() AND grantee IN ('command_center_reader', 'PUBLIC')
    AND specific_name IN (
      SELECT format('%s_%s', p.proname, p.oid) FROM pg_proc AS p
      WHERE NOT EXISTS (SELECT 1 FROM pg_depend AS d WHERE d.objid = p.oid AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e'))
  ORDER BY routine_name, grantee`;

/** Everything that the migrations make, as SQL in a fixed order: what one sees in a review, and what a test compares. */
export async function dumpSchema(sql: Sql): Promise<string> {
  const parts: string[] = [];
  for (const query of [sequences, tables, indexes, views, functions, grants, functionGrants]) {
    const rows = await sql.unsafe<{ ddl: string }[]>(query);
    parts.push(...rows.map(({ ddl }) => ddl.trim()));
  }
  return `-- Written by drizzle/schema.test.ts from a migrated database; \`npx vitest run --project unit drizzle -u\` writes it anew.\n\n${parts.join('\n\n')}\n`;
}
