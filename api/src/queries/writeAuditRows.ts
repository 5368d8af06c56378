import { toBase64 } from '../base64.ts';

/** Views of one kind, `count` of them. */
export interface AuditRow {
  readonly actor: string;
  readonly action: string;
  readonly endpoint: string;
  readonly filters: Record<string, string | string[]>;
  readonly status: number;
  readonly count: number;
}

/**
 * One row a minute and all but the count. `rows`: no two alike but for the count; in one order everywhere, so that writers do not wait for each other in a
 * circle. Without parameters: base64 has no character that ends a string.
 */
export function writeAuditRows(rows: readonly AuditRow[]): string {
  const json = toBase64(new TextEncoder().encode(JSON.stringify(rows)));
  return `/* write_audit_rows */
    INSERT INTO admin_audit_log AS log (ts, actor, action, endpoint, filters, status, count)
    SELECT date_trunc('minute', now()), r.actor, r.action, r.endpoint, r.filters, r.status, r.count
    FROM jsonb_to_recordset(convert_from(decode('${json}', 'base64'), 'UTF8')::jsonb)
      AS r(actor text, action text, endpoint text, filters jsonb, status integer, count integer)
    ORDER BY r.actor, r.action, r.endpoint, r.filters, r.status
    ON CONFLICT (ts, actor, action, endpoint, filters, status) DO UPDATE SET count = log.count + excluded.count`;
}
