import { toBase64url } from '../base64.ts';

const tokenBytes = 32;

/** A token that nobody can guess, in characters that a URL may hold. */
export function newToken(): string {
  return toBase64url(crypto.getRandomValues(new Uint8Array(tokenBytes)));
}

/** What of a token lies in the database (interfaces.md §2): SHA-256. */
export async function hashOf(token: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token)));
}
