import type { ISql, PendingQuery, Row } from 'postgres';

export interface AuditRow {
  readonly actor: string;
  readonly action: string;
  readonly endpoint: string;
  readonly filters: Record<string, string | string[]>;
  readonly status: number;
}

/** One row a minute and all but the count. */
export function writeAuditRow(sql: ISql, row: AuditRow): PendingQuery<Row[]> {
  return sql`/* write_audit_row */
    INSERT INTO admin_audit_log AS log (ts, actor, action, endpoint, filters, status)
    VALUES (date_trunc('minute', now()), ${row.actor}, ${row.action}, ${row.endpoint}, ${sql.json(row.filters)}, ${row.status})
    ON CONFLICT (ts, actor, action, endpoint, filters, status) DO UPDATE SET count = log.count + 1`;
}
