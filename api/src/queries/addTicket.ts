import type { ISql, PendingQuery, Row } from 'postgres';

export interface NewTicket {
  readonly hash: Uint8Array;
  readonly kind: 'login' | 'live';
  readonly subject: string;
  /** How long it is good for, once. */
  readonly seconds: number;
  /** When the identity ends that asks for it, milliseconds since the epoch; null = at no time of its own. */
  readonly identityEndsAtMs: number | null;
}

/** Keeps the hash of a ticket and forgets those that ran out. */
export function addTicket(sql: ISql, ticket: NewTicket): PendingQuery<Row[]> {
  const { hash, kind, subject, seconds, identityEndsAtMs } = ticket;
  return sql`/* add_ticket */
    WITH expired AS (DELETE FROM admin_tickets WHERE expires_at <= now())
    INSERT INTO admin_tickets (hash, kind, subject, expires_at, identity_ends_at)
    VALUES (${hash}, ${kind}, ${subject}, now() + make_interval(secs => ${seconds}),
      to_timestamp(${identityEndsAtMs}::double precision / 1000))
    RETURNING expires_at`;
}
