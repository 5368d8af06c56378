import type { Sql } from 'postgres';
import { toBase64url } from '../base64.ts';
import { limits } from '../limits.ts';
import { addLoginTicket } from '../queries/addLoginTicket.ts';
import { takeLoginTicket, takenTicket } from '../queries/takeLoginTicket.ts';
import { readRows, runStatement } from '../statement.ts';

const tokenBytes = 32;
/** Whom the audit log names for sessions opened by a login link: who holds the link is not known. */
const linkSubject = 'login-link';

/**
 * Makes a one-time login link below `baseUrl` (scheme, host, port). Its token stands in the fragment, which browsers never send, is good once
 * and for 15 minutes, and lies in the database as its hash alone (interfaces.md §2).
 */
export async function createLoginLink(sql: Sql, baseUrl: string): Promise<string> {
  const token = toBase64url(crypto.getRandomValues(new Uint8Array(tokenBytes)));
  const hash = await hashOf(token);
  await runStatement(sql, limits.statementMs, (tx) => addLoginTicket(tx, { hash, subject: linkSubject }));
  return `${baseUrl.replace(/\/+$/, '')}/login#token=${token}`;
}

/** Takes the token's ticket; its subject, or null where it was used, has expired or never was. */
export async function redeemLoginToken(sql: Sql, token: string): Promise<string | null> {
  const hash = await hashOf(token);
  const [ticket] = await readRows(sql, takenTicket, (tx) => takeLoginTicket(tx, { hash }), 'read write');
  return ticket?.is_valid ? ticket.subject : null;
}

async function hashOf(token: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token)));
}
