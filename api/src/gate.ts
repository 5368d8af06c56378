import type { MiddlewareHandler } from 'hono';
import type { Audit } from './audit.ts';
import { type Authenticator, recognise } from './auth/identity.ts';
import { isOwnOrigin } from './auth/origin.ts';
import type { ApiEnv } from './deps.ts';
import { refuse } from './problems.ts';
import { basePath } from './routes/paths.ts';

/** Methods that change nothing. */
export const reading: ReadonlySet<string> = new Set(['GET', 'HEAD']);

export interface Gate {
  readonly authenticators: readonly Authenticator[];
  readonly allowedOrigins: readonly string[];
  readonly audit: Audit;
  /** Where a person without identity may get one; undefined where no provider is configured. */
  readonly signIn: string | undefined;
  readonly isServed: (path: string) => boolean;
}

/** What the audit log names in place of a path that does not exist: anything could stand in that. */
const nowhere = `${basePath}/*`;

/** Lets nobody through without an identity, and records every view once it is answered. */
export function gate({ authenticators, allowedOrigins, audit, signIn, isServed }: Gate): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const recognition = await recognise(authenticators, c.req.raw);
    if (recognition.outcome === 'absent' || recognition.outcome === 'invalid') {
      const isWrong = recognition.outcome === 'invalid';
      const detail = isWrong ? recognition.reason : 'Send a bearer token, or log in.';
      const challenge = `Bearer realm="command-center"${isWrong ? ', error="invalid_token"' : ''}`;
      return refuse({ code: 'unauthenticated', detail, signIn }, { 'WWW-Authenticate': challenge });
    }
    if (recognition.outcome === 'unavailable') {
      return refuse({ code: 'identity_unavailable', detail: recognition.reason });
    }
    const { identity } = recognition;
    c.set('identity', identity);
    c.set('filters', {});
    const needsOrigin =
      !reading.has(c.req.method) && (identity.by === 'session' || c.req.header('origin') !== undefined);
    if (recognition.outcome === 'forbidden') {
      c.res = refuse({ code: 'forbidden', detail: recognition.reason });
    } else if (needsOrigin && !isOwnOrigin(c.req.raw, allowedOrigins)) {
      c.res = foreignOrigin();
    } else {
      await next();
    }
    await audit.record({
      actor: identity.subject,
      endpoint: isServed(c.req.path) ? c.req.path : nowhere,
      filters: c.get('filters'),
      status: c.res.status,
    });
    return undefined;
  };
}

/** For the routes outside the gate that change state. */
export function ownOriginOnly(allowedOrigins: readonly string[]): MiddlewareHandler<ApiEnv> {
  return async (c, next) => (isOwnOrigin(c.req.raw, allowedOrigins) ? next() : foreignOrigin());
}

function foreignOrigin(): Response {
  return refuse({ code: 'wrong_origin', detail: 'A request that changes something must carry an Origin of ours.' });
}
