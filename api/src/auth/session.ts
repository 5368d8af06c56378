import { parse, serialize } from 'hono/utils/cookie';
import { z } from 'zod';
import { limits } from '../limits.ts';
import type { Authenticator } from './identity.ts';
import { mustBeSecure } from './origin.ts';
import { createSeal } from './seal.ts';

const cookieName = 'command_center_session';

const content = z.object({ subject: z.string().min(1), expires_at_ms: z.number() });

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
      const plain = { subject, expires_at_ms: now() + limits.sessionSeconds * 1000 };
      return cookie(await seal.close(plain), limits.sessionSeconds, url);
    },
    close: (url) => cookie('', 0, url),
    async authenticator(request) {
      const sealed = parse(request.headers.get('cookie') ?? '', cookieName)[cookieName];
      if (sealed === undefined || sealed === '') return { outcome: 'absent' };
      const session = content.safeParse(await seal.open(sealed));
      if (!session.success) return { outcome: 'invalid', reason: 'The session cookie was not made here.' };
      if (session.data.expires_at_ms <= now()) return { outcome: 'invalid', reason: 'The session has ended.' };
      return { outcome: 'known', identity: { subject: session.data.subject, by: 'session' } };
    },
  };
}

function cookie(value: string, maxAge: number, url: URL): string {
  const secure = mustBeSecure(url);
  return serialize(cookieName, value, { maxAge, path: '/', httpOnly: true, sameSite: 'Strict', secure });
}
