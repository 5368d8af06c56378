import type { Fragment, ISql } from 'postgres';

interface Key {
  /** Microseconds since the epoch. */
  readonly ts_micros: string;
}

/** The times of keys, as the literal of a bigint[]. */
export function instantsOf(keys: readonly Key[]): string {
  return `{${keys.map(({ ts_micros }) => ts_micros).join(',')}}`;
}

/** From the last key to the first, as plain times: what a statement is planned for are the partitions of these days alone. */
export function within(sql: ISql, keys: readonly Key[]): Fragment {
  const msOf = (key: Key | undefined): number => Math.floor(Number(key?.ts_micros ?? 0) / 1000);
  return sql`ts >= ${new Date(msOf(keys.at(-1)))} AND ts < ${new Date(msOf(keys[0]) + 1)}`;
}
