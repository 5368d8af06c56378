import { textArray } from '@command-center/drizzle/arrays';
import type { ISql, PendingQuery, Row } from 'postgres';
import { instantsOf, within } from './byKey.ts';
import type { LogKey } from './logKeys.ts';
import { logColumns } from './logPage.ts';

/** The records that lie at `keys`, which are sorted, newest first; without those that retention has deleted. */
export function logsByKey(sql: ISql, keys: readonly LogKey[]): PendingQuery<Row[]> {
  const ids = textArray(keys.map(({ id }) => id));
  return sql`/* logs_by_key */
    SELECT ${logColumns(sql)}
    FROM unnest(${instantsOf(keys)}::bigint[], ${ids}::uuid[]) AS key (key_micros, key_id)
    JOIN telemetry_log_events ON ts = timestamptz 'epoch' + key_micros * interval '1 microsecond' AND id = key_id
    WHERE ${within(sql, keys)}
    ORDER BY ts DESC, id DESC`;
}
