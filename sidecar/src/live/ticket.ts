import { createHash } from 'node:crypto';
import type { Sql } from 'postgres';

/** What a ticket was. `void`: it was used, or never was; nobody knows whose. */
export type Ticket =
  | { readonly outcome: 'good'; readonly subject: string; readonly endsInMs: number | null }
  | { readonly outcome: 'expired'; readonly subject: string }
  | { readonly outcome: 'void' };

/** Takes a live ticket, so that of two takers only one gets it (interfaces.md §2). `endsInMs`: until the identity ends, null = it has no end of its own. */
export async function takeTicket(sql: Sql, ticket: string): Promise<Ticket> {
  const [row] = await sql<{ subject: string; is_valid: boolean; ends_in_ms: number | null }[]>`
    /* take-live-ticket */
    DELETE FROM admin_tickets WHERE hash = ${createHash('sha256').update(ticket).digest()} AND kind = 'live'
    RETURNING subject, expires_at > clock_timestamp() AS is_valid,
      (extract(epoch FROM identity_ends_at - clock_timestamp()) * 1000)::double precision AS ends_in_ms`;
  if (row === undefined) return { outcome: 'void' };
  const { subject, is_valid, ends_in_ms } = row;
  if (!is_valid || (ends_in_ms !== null && ends_in_ms <= 0)) return { outcome: 'expired', subject };
  return { outcome: 'good', subject, endsInMs: ends_in_ms };
}
