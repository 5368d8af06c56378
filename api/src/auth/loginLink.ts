import type { Sql } from 'postgres';
import { limits } from '../limits.ts';
import { addTicket } from '../queries/addTicket.ts';
import { takeLoginTicket, takenTicket } from '../queries/takeLoginTicket.ts';
import { readRows, runStatement } from '../statement.ts';
import { hashOf, newToken } from './secretToken.ts';

/** Whom the audit log names for sessions opened by a login link: who holds the link is not known. */
const linkSubject = 'login-link';

/**
 * Makes a one-time login link below `baseUrl` (scheme, host, port). Its token stands in the fragment, which browsers never send, is good once
 * and for 15 minutes, and lies in the database as its hash alone (interfaces.md §2).
 */
export async function createLoginLink(sql: Sql, baseUrl: string): Promise<string> {
  const token = newToken();
  const ticket = { hash: await hashOf(token), kind: 'login', subject: linkSubject, identityEndsAtMs: null } as const;
  await runStatement(sql, limits.statementMs, (tx) =>
    addTicket(tx, { ...ticket, seconds: 60 * limits.loginLinkMinutes }),
  );
  return `${baseUrl.replace(/\/+$/, '')}/login#token=${token}`;
}

/** Takes the token's ticket; its subject, or null where it was used, has expired or never was. */
export async function redeemLoginToken(sql: Sql, token: string): Promise<string | null> {
  const hash = await hashOf(token);
  const [ticket] = await readRows(sql, takenTicket, (tx) => takeLoginTicket(tx, { hash }), 'read write');
  return ticket?.is_valid ? ticket.subject : null;
}
