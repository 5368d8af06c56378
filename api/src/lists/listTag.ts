import { toBase64url } from '../base64.ts';

/** A page of a list, as it is answered. */
interface Page {
  readonly items: readonly unknown[];
  readonly next_cursor: string | null;
}

/**
 * The entity tag of a page (RFC 9110 §8.8.3), weak: of its rows, and of whether more follow. The cursor is left out: it holds the time of the question, and
 * that of an earlier one leads to the same next page. So a poll of a list in which nothing changed is a 304.
 */
export async function listTag({ items, next_cursor }: Page): Promise<{ readonly ETag: string }> {
  const text = new TextEncoder().encode(JSON.stringify([items, next_cursor !== null]));
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', text));
  return { ETag: `W/"${toBase64url(digest.subarray(0, 16))}"` };
}
