import type { LiveTicket } from '@command-center/contract/api/live';
import { liveTicketSeconds } from '@command-center/contract/live';
import { z } from 'zod';
import { hashOf, newToken } from '../auth/secretToken.ts';
import { addTicket } from '../queries/addTicket.ts';
import { readRows } from '../statement.ts';
import { type Surroundings, type View, withoutQuery } from './view.ts';

const added = z.object({ expires_at: z.date() });

/** A ticket for the live socket, which knows neither cookies nor bearer tokens: whoever asks has passed the gate. */
export function liveTicketView({ deps }: Surroundings): View {
  return withoutQuery(async (c) => {
    const ticket = newToken();
    const hash = await hashOf(ticket);
    const { subject, endsAtMs } = c.get('identity');
    const kept = { hash, kind: 'live', subject, seconds: liveTicketSeconds, identityEndsAtMs: endsAtMs } as const;
    const [row] = await readRows(deps.sql, added, (tx) => addTicket(tx, kept), 'read write');
    if (row === undefined) throw new Error('add_ticket returned no row');
    const answer: LiveTicket = { ticket, expires_at: row.expires_at.toISOString() };
    return c.json(answer);
  });
}
