import type { ISql, PendingQuery, Row } from 'postgres';
import { within } from './byKey.ts';
import type { LogKeyPage } from './logKeys.ts';
import { logColumns } from './logPage.ts';

/** The records that lie at the keys of a page, newest first; without those that retention has deleted. */
export function logsByKey(sql: ISql, page: LogKeyPage): PendingQuery<Row[]> {
  return sql`/* logs_by_key */
    SELECT ${logColumns(sql)}
    FROM unnest(${page.instants}::bigint[], ${page.ids}::uuid[]) AS key (key_micros, key_id)
    JOIN telemetry_log_events ON ts = timestamptz 'epoch' + key_micros * interval '1 microsecond' AND id = key_id
    WHERE ${within(sql, page)}
    ORDER BY ts DESC, id DESC`;
}
