import { livePath } from '@command-center/contract/live';
import { reasons } from '@command-center/contract/reasons';
import type { Sql } from 'postgres';

/** What becomes of who wants to watch; the audit log has the HTTP status that says as much. */
export const accessStatus = {
  admitted: 101,
  refusedTicket: reasons.unauthenticated.httpStatus,
  foreignOrigin: reasons.wrong_origin.httpStatus,
} as const;

/** Whom the audit log names where no ticket says who it is. */
export const unknownActor = 'unknown';

export interface Access {
  readonly actor: string;
  readonly status: number;
  readonly topics?: readonly string[];
}

/** One row a minute and all but the count, as the API writes them (interfaces.md §2). */
export async function recordAccess(sql: Sql, { actor, status, topics }: Access): Promise<void> {
  const filters = topics === undefined ? {} : { topics: [...topics].sort() };
  await sql`
    /* audit-live */
    INSERT INTO admin_audit_log AS log (ts, actor, action, endpoint, filters, status)
    VALUES (date_trunc('minute', now()), ${actor}, 'admin.observability.view', ${livePath}, ${JSON.stringify(filters)}::text::jsonb,
      ${status})
    ON CONFLICT (ts, actor, action, endpoint, filters, status) DO UPDATE SET count = log.count + 1`;
}
