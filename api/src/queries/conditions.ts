import type { Fragment, ISql } from 'postgres';

/** Joins conditions with AND; at least one. */
export function allOf(sql: ISql, conditions: readonly Fragment[]): Fragment {
  return conditions.reduce((left, right) => sql`${left} AND ${right}`);
}

/** A LIKE pattern that finds `phrase` anywhere, its own wildcards taken literally. */
export function containing(phrase: string): string {
  return `%${phrase.replaceAll(/[\\%_]/g, '\\$&')}%`;
}

/** A cursor's time, exact to the microsecond. */
export function instantOf(sql: ISql, at: { readonly tsMicros: string }): Fragment {
  return sql`(timestamptz 'epoch' + ${at.tsMicros}::bigint * interval '1 microsecond')`;
}
