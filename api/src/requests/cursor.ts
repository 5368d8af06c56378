import { z } from 'zod';
import { fromBase64url, toBase64url } from '../base64.ts';
import type { TimeWindow } from './window.ts';

const macBytes = 16;

/** Where the next page of a list begins: below `key`, within the window of the first page. */
const position = z.object({
  fromMs: z.number(),
  toMs: z.number(),
  /** Microseconds since the epoch, as text: Postgres keeps more than a JavaScript date. */
  tsMicros: z.string().regex(/^\d{1,18}$/),
  /** What orders rows of one ts. */
  ids: z.array(z.string()).max(2),
});
export type Position = TimeWindow & z.infer<typeof position>;

/** Writes and reads cursors that only this deployment can have made, each good for one list with one set of filters. */
export interface Cursors {
  write(binding: string, position: Position): Promise<string>;
  /** Null for a cursor that was changed, or was made for another list or other filters. */
  read(binding: string, cursor: string): Promise<Position | null>;
}

/** `secret` is COMMAND_CENTER_SESSION_SECRET. HMAC-SHA256, cut to 128 bits. */
export function createCursors(secret: string): Cursors {
  const material = new TextEncoder().encode(`command-center cursor 1\n${secret}`);
  const key = crypto.subtle.importKey('raw', material, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  const mac = async (binding: string, body: string): Promise<Uint8Array> => {
    const signed = new TextEncoder().encode(`${binding.length}\n${binding}\n${body}`);
    return new Uint8Array(await crypto.subtle.sign('HMAC', await key, signed)).subarray(0, macBytes);
  };
  return {
    async write(binding, at) {
      const body = toBase64url(new TextEncoder().encode(JSON.stringify(at)));
      return `${body}.${toBase64url(await mac(binding, body))}`;
    },
    async read(binding, cursor) {
      const [body = '', signature] = cursor.split('.', 2);
      if (`${body}.${signature}` !== cursor || toBase64url(await mac(binding, body)) !== signature) return null;
      const bytes = fromBase64url(body);
      return bytes === null ? null : position.parse(JSON.parse(new TextDecoder().decode(bytes)));
    },
  };
}

/** What a cursor is bound to: the list and every parameter that chooses its rows. */
export function bindingOf(list: string, filters: Readonly<Record<string, unknown>>): string {
  const { cursor: _cursor, limit: _limit, ...chosen } = filters;
  const entries = Object.entries(chosen).filter(([, value]) => value !== undefined);
  return JSON.stringify([list, entries.sort(([left], [right]) => (left < right ? -1 : 1))]);
}
