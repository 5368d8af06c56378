import { parse, serialize } from 'hono/utils/cookie';
import { z } from 'zod';
import { limits } from '../../limits.ts';
import { mustBeSecure } from '../origin.ts';
import { createSeal } from '../seal.ts';

const cookieName = 'command_center_sign_in';

/** What must come back as it left (RFC 6749 §10.12, RFC 7636, OpenID Connect Core §3.1.2.1), and what is needed then. */
const content = z.object({
  state: z.string(),
  nonce: z.string(),
  code_verifier: z.string(),
  redirect_uri: z.string(),
  return_to: z.string(),
  expires_at_ms: z.number(),
});
export type RoundTrip = Omit<z.infer<typeof content>, 'expires_at_ms'>;

/** Keeps a sign-in under way in a sealed cookie of the browser that began it: one at a time, the latest. */
export interface RoundTrips {
  /** A Set-Cookie value. Lax: the provider's redirect comes from another site, and Strict would not be sent along (design §7). */
  open(trip: RoundTrip, url: URL): Promise<string>;
  /** Null where there is none, or it took too long. */
  read(request: Request): Promise<RoundTrip | null>;
  /** A Set-Cookie value that ends it. */
  close(url: URL): string;
}

/** `secret` is COMMAND_CENTER_SESSION_SECRET; `now` in milliseconds since the epoch. */
export function createRoundTrips(secret: string, now: () => number): RoundTrips {
  const seal = createSeal(secret, 'command-center sign-in cookie 1');
  return {
    async open(trip, url) {
      const sealed = await seal.close({ ...trip, expires_at_ms: now() + limits.signInSeconds * 1000 });
      return cookie(sealed, limits.signInSeconds, url);
    },
    async read(request) {
      const sealed = parse(request.headers.get('cookie') ?? '', cookieName)[cookieName];
      const read = content.safeParse(sealed === undefined ? null : await seal.open(sealed));
      return read.success && read.data.expires_at_ms > now() ? read.data : null;
    },
    close: (url) => cookie('', 0, url),
  };
}

function cookie(value: string, maxAge: number, url: URL): string {
  const secure = mustBeSecure(url);
  return serialize(cookieName, value, { maxAge, path: '/auth', httpOnly: true, sameSite: 'Lax', secure });
}
