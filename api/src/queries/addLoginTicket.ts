import type { ISql, PendingQuery, Row } from 'postgres';
import { limits } from '../limits.ts';

/** Keeps the hash of a login link's token and forgets those that ran out. */
export function addLoginTicket(sql: ISql, ticket: { hash: Uint8Array; subject: string }): PendingQuery<Row[]> {
  return sql`/* add_login_ticket */
    WITH expired AS (DELETE FROM admin_tickets WHERE expires_at <= now())
    INSERT INTO admin_tickets (hash, kind, subject, expires_at)
    VALUES (${ticket.hash}, 'login', ${ticket.subject}, now() + make_interval(mins => ${limits.loginLinkMinutes}))`;
}
