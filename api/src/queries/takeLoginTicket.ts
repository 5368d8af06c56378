import type { ISql, PendingQuery, Row } from 'postgres';
import { z } from 'zod';

export const takenTicket = z.object({ subject: z.string(), is_valid: z.boolean() });

/** Removes the ticket of that hash, so that of two takers only one gets it. */
export function takeLoginTicket(sql: ISql, ticket: { hash: Uint8Array }): PendingQuery<Row[]> {
  return sql`/* take_login_ticket */
    DELETE FROM admin_tickets WHERE hash = ${ticket.hash} AND kind = 'login'
    RETURNING subject, expires_at > now() AS is_valid`;
}
