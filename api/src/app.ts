import { bodyLimit } from 'hono/body-limit';
import { cors } from 'hono/cors';
import { Hono } from 'hono/quick';
import { arrivals } from './arrivals.ts';
import { createAudit } from './audit.ts';
import { bearer } from './auth/bearer.ts';
import { accessTokens } from './auth/oidc/accessToken.ts';
import { createOidc } from './auth/oidc/oidc.ts';
import { createSessions } from './auth/session.ts';
import { toBase64url } from './base64.ts';
import { compress } from './compress.ts';
import type { ApiEnv, Deps } from './deps.ts';
import { createSlots } from './export/slots.ts';
import { failureOf } from './failures.ts';
import { gate, ownOriginOnly, reading } from './gate.ts';
import { consolePolicy, securityHeaders, truncatedHeader } from './headers.ts';
import { limits } from './limits.ts';
import { refuse } from './problems.ts';
import { revalidate } from './revalidate.ts';
import { basePath, signInPath } from './routes/paths.ts';
import { routes, viewOf } from './routes/table.ts';
import { share } from './share.ts';

/** Not the same twice: /summary tells the time. Not whole: an export. */
const volatile: ReadonlySet<string> = new Set([`${basePath}/summary`, `${basePath}/export`]);
/** Made of the settings alone. */
const constant: ReadonlySet<string> = new Set([`${basePath}/config`, `${basePath}/links`]);
/** A stream has one reader. */
const unshared: ReadonlySet<string> = new Set([`${basePath}/export`]);

/**
 * Builds the API (interfaces.md §1, §2). Everything below `/api/admin/observability` passes one gate: identity, Origin where state changes, audit.
 * Knows no runtime: `fetch` of what it returns is all there is to call.
 */
export function createApp(deps: Deps): Hono<ApiEnv> {
  const { settings } = deps;
  const secret = settings.sessionSecret ?? passingSecret(deps);
  const audit = createAudit(deps);
  const now = deps.now ?? Date.now;
  const sessions = createSessions(secret, now);
  const oidc = createOidc(settings, now);
  const signIn = oidc?.client && signInPath;
  const tokens = oidc === undefined ? undefined : accessTokens(oidc, now, deps.log);
  const authenticators = [bearer(settings.adminToken, tokens), sessions.authenticator];

  // Of Hono's routers the quick one: the other makes its tables while the first request waits, 4 ms.
  const api = new Hono<ApiEnv>();
  const shared = share({
    unshared,
    constant,
    arrivals: arrivals(deps.sql),
    heldMs: deps.heldAnswerMs ?? limits.heldAnswerMs,
    heldBytes: limits.heldAnswerBytes,
  });
  const isServed = (path: string) => api.routes.some((route) => route.path === path);
  api.use(securityHeaders(consolePolicy(settings.liveUrl ?? null)));
  if (settings.allowedOrigins.length > 0) {
    api.use(
      cors({
        origin: [...settings.allowedOrigins],
        credentials: true,
        allowMethods: ['GET', 'HEAD', 'POST'],
        exposeHeaders: [truncatedHeader, 'Content-Disposition'],
        maxAge: 600,
      }),
    );
  }
  api.use(
    `${basePath}/*`,
    gate({ authenticators, allowedOrigins: settings.allowedOrigins, audit, signIn, isServed }),
    ...(deps.areRequestsApart ? [] : [shared]),
    compress(deps.gzip),
    revalidate(volatile),
  );
  for (const path of ['/login', '/logout']) api.post(path, ownOriginOnly(settings.allowedOrigins));
  api.post('/login', bodyLimit({ maxSize: limits.bodyBytes, onError: tooLarge }));

  const slots = createSlots(limits.exportsAtOnce);
  const around = { deps, audit, sessions, oidc, signIn, slots, secret, now };
  for (const route of routes) api.on(route.method, route.path, viewOf(route, around));

  api.notFound((c) => nothingHere(api, deps, c.req.raw, c.req.path));
  api.onError((error, c) => {
    const { refusal, isExpected } = failureOf(error);
    deps.log?.({
      level: isExpected ? 'warn' : 'error',
      event: isExpected ? refusal.code : 'unexpected_error',
      message: isExpected ? refusal.detail : (error.stack ?? error.message),
      fields: { method: c.req.method, path: c.req.path },
    });
    return refuse(refusal);
  });
  return api;
}

/** A secret for this process alone: sessions and cursors end with it, and no other process reads them. */
function passingSecret(deps: Deps): string {
  deps.log?.({
    level: 'warn',
    event: 'session_secret_missing',
    message: 'COMMAND_CENTER_SESSION_SECRET is not set: sessions end when this process does.',
    fields: {},
  });
  return toBase64url(crypto.getRandomValues(new Uint8Array(32)));
}

/** The console's files are served where no route is; a route with another method says which it has. */
async function nothingHere(api: Hono<ApiEnv>, deps: Deps, request: Request, path: string): Promise<Response> {
  const methods = api.routes
    .filter((route) => route.path === path && route.method !== 'ALL')
    .map((route) => route.method);
  const isReading = reading.has(request.method);
  if (methods.length > 0 && !(isReading && methods.includes('GET'))) {
    const allow = [...new Set(methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])))].join(', ');
    return refuse({ code: 'method_not_allowed', detail: `${path} takes ${allow}.` }, { Allow: allow });
  }
  const file = path.startsWith('/api/') ? null : await deps.consoleFile?.(request);
  if (file === null || file === undefined)
    return refuse({ code: 'not_found', detail: 'Nothing is served at this path; /docs lists what is.' });
  if (isReading) return file;
  return refuse({ code: 'method_not_allowed', detail: `${path} takes GET, HEAD.` }, { Allow: 'GET, HEAD' });
}

function tooLarge(): Response {
  return refuse({ code: 'too_large', detail: `The body may have at most ${limits.bodyBytes} bytes.` });
}
