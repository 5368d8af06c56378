import { parse, serialize } from 'hono/utils/cookie';
import { limits } from '../limits.ts';
import type { Authenticator } from './identity.ts';
import { mustBeSecure } from './origin.ts';
import { createSeal } from './seal.ts';

const cookieName = 'command_center_session';

interface Content {
  readonly subject: string;
  readonly expires_at_ms: number;
}

/** Makes and reads the sealed session cookie: nothing about a session is kept on the server. */
export interface Sessions {
  /** A Set-Cookie value. Secure everywhere but on loopback over plain HTTP, where browsers would drop it. */
  open(subject: string, url: URL): Promise<string>;
  /** A Set-Cookie value that ends the session. */
  close(url: URL): string;
  readonly authenticator: Authenticator;
}

/** `secret` is COMMAND_CENTER_SESSION_SECRET; `now` in milliseconds since the epoch. */
export function createSessions(secret: string, now: () => number): Sessions {
  const seal = createSeal(secret, 'command-center session cookie 1');
  return {
    async open(subject, url) {
      const plain: Content = { subject, expires_at_ms: now() + limits.sessionSeconds * 1000 };
      return cookie(await seal.close(plain), limits.sessionSeconds, url);
    },
    close: (url) => cookie('', 0, url),
    async authenticator(request) {
      const sealed = parse(request.headers.get('cookie') ?? '', cookieName)[cookieName];
      if (sealed === undefined || sealed === '') return { outcome: 'absent' };
      const session = contentOf(await seal.open(sealed));
      if (session === null) return { outcome: 'invalid', reason: 'The session cookie was not made here.' };
      if (session.expires_at_ms <= now()) return { outcome: 'invalid', reason: 'The session has ended.' };
      return {
        outcome: 'known',
        identity: { subject: session.subject, by: 'session', endsAtMs: session.expires_at_ms },
      };
    },
  };
}

/** By hand: every cold start of a console that is logged in would wait for zod. Only this deployment can have sealed it. */
function contentOf(opened: unknown): Content | null {
  if (typeof opened !== 'object' || opened === null || !('subject' in opened && 'expires_at_ms' in opened)) return null;
  const { subject, expires_at_ms } = opened;
  return typeof subject === 'string' && subject !== '' && typeof expires_at_ms === 'number'
    ? { subject, expires_at_ms }
    : null;
}

function cookie(value: string, maxAge: number, url: URL): string {
  const secure = mustBeSecure(url);
  return serialize(cookieName, value, { maxAge, path: '/', httpOnly: true, sameSite: 'Strict', secure });
}
