import { isLoopback } from '@command-center/contract/loopback';
import { parse, serialize } from 'hono/utils/cookie';
import { z } from 'zod';
import { fromBase64url, toBase64url } from '../base64.ts';
import { limits } from '../limits.ts';
import type { Authenticator } from './identity.ts';

const cookieName = 'command_center_session';
const nonceBytes = 12;

const content = z.object({ subject: z.string().min(1), expires_at_ms: z.number() });

/** Makes and reads the sealed session cookie (AES-256-GCM): nothing about a session is kept on the server. */
export interface Sessions {
  /** A Set-Cookie value. Secure everywhere but on loopback over plain HTTP, where browsers would drop it. */
  open(subject: string, url: URL): Promise<string>;
  /** A Set-Cookie value that ends the session. */
  close(url: URL): string;
  readonly authenticator: Authenticator;
}

/** `secret` is COMMAND_CENTER_SESSION_SECRET; `now` in milliseconds since the epoch. */
export function createSessions(secret: string, now: () => number): Sessions {
  const key = sealingKey(secret);
  return {
    async open(subject, url) {
      const plain = { subject, expires_at_ms: now() + limits.sessionSeconds * 1000 };
      return cookie(await seal(await key, JSON.stringify(plain)), limits.sessionSeconds, url);
    },
    close: (url) => cookie('', 0, url),
    async authenticator(request) {
      const sealed = parse(request.headers.get('cookie') ?? '', cookieName)[cookieName];
      if (sealed === undefined || sealed === '') return { outcome: 'absent' };
      const session = content.safeParse(await unseal(await key, sealed));
      if (!session.success) return { outcome: 'invalid', reason: 'The session cookie was not made here.' };
      if (session.data.expires_at_ms <= now()) return { outcome: 'invalid', reason: 'The session has ended.' };
      return { outcome: 'known', identity: { subject: session.data.subject, by: 'session' } };
    },
  };
}

function cookie(value: string, maxAge: number, url: URL): string {
  const secure = !(url.protocol === 'http:' && isLoopback(url.hostname));
  return serialize(cookieName, value, { maxAge, path: '/', httpOnly: true, sameSite: 'Strict', secure });
}

type SealingKey = Awaited<ReturnType<typeof crypto.subtle.deriveKey>>;

async function sealingKey(secret: string): Promise<SealingKey> {
  const material = await crypto.subtle.importKey('raw', new TextEncoder().encode(secret), 'HKDF', false, ['deriveKey']);
  const info = new TextEncoder().encode('command-center session cookie 1');
  const derivation = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(0), info };
  return crypto.subtle.deriveKey(derivation, material, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
}

async function seal(key: SealingKey, plain: string): Promise<string> {
  const nonce = crypto.getRandomValues(new Uint8Array(nonceBytes));
  const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv: nonce }, key, new TextEncoder().encode(plain));
  const whole = new Uint8Array(nonceBytes + sealed.byteLength);
  whole.set(nonce);
  whole.set(new Uint8Array(sealed), nonceBytes);
  return toBase64url(whole);
}

/** What was sealed, or null for anything that this secret did not seal. */
async function unseal(key: SealingKey, text: string): Promise<unknown> {
  const whole = fromBase64url(text);
  if (whole === null || whole.length <= nonceBytes) return null;
  try {
    const algorithm = { name: 'AES-GCM', iv: whole.subarray(0, nonceBytes) };
    const plain = await crypto.subtle.decrypt(algorithm, key, whole.subarray(nonceBytes));
    return JSON.parse(new TextDecoder().decode(plain));
  } catch {
    return null;
  }
}
