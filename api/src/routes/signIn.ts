import { httpOk, type ReasonCode, reasons } from '@command-center/contract/reasons';
import { createRoute } from '@hono/zod-openapi';
import type { Context, TypedResponse } from 'hono';
import { z } from 'zod';
import type { Audit } from '../audit.ts';
import { type Arrival, type CodeFlow, createCodeFlow } from '../auth/oidc/codeFlow.ts';
import type { Oidc } from '../auth/oidc/oidc.ts';
import { awayDetail, awayEntry, ProviderAwayError } from '../auth/oidc/providerAway.ts';
import { type AdminRole, holdsRole, roleMissing } from '../auth/oidc/role.ts';
import { createRoundTrips, type RoundTrip, type RoundTrips } from '../auth/oidc/roundTrip.ts';
import { auditedSubject } from '../auth/oidc/subject.ts';
import { publicOrigin } from '../auth/origin.ts';
import { ownPath, startPath } from '../auth/returnTo.ts';
import type { Sessions } from '../auth/session.ts';
import type { ApiEnv, Deps } from '../deps.ts';
import type { Page } from '../pages/page.ts';
import { signedInPage, signInProblemPage } from '../pages/signIn.ts';
import { refuse } from '../problems.ts';
import { type Api, refusals } from './declaration.ts';

/** The status of a redirect; every other one stands in the contract's answer table. */
const found = 302;

export const signInPath = '/auth/start';
const callbackPath = '/auth/callback';

const page = (description: string) => ({ description, content: { 'text/html': { schema: z.string() } } });

const start = createRoute({
  method: 'get',
  path: signInPath,
  summary: 'Begins a sign-in: leads to the identity provider',
  request: {
    query: z.strictObject({ return_to: z.string().optional(), prompt: z.literal('login', 'must be login').optional() }),
  },
  responses: {
    [found]: { description: 'To the identity provider.' },
    ...refusals(['invalid_parameter', 'not_found']),
    [reasons.identity_unavailable.httpStatus]: page('The identity provider does not answer.'),
  },
});

const callback = createRoute({
  method: 'get',
  path: callbackPath,
  summary: 'Where the identity provider sends browsers back to',
  responses: {
    [httpOk]: page('Signed in: the cookie is set, and the page goes on to where the sign-in was begun.'),
    [reasons.sign_in_failed.httpStatus]: page('The sign-in was declined, took too long or was completed already.'),
    [reasons.forbidden.httpStatus]: page('The identity is valid but does not hold the system-admin role.'),
    ...refusals(['not_found']),
    [reasons.identity_unavailable.httpStatus]: page('The identity provider does not answer.'),
  },
});

/** What signing in needs beside the provider. `secret` is COMMAND_CENTER_SESSION_SECRET; `now` in milliseconds since the epoch. */
interface Surroundings {
  readonly sessions: Sessions;
  readonly audit: Audit;
  readonly secret: string;
  readonly now: () => number;
}

/** One browser's request, and what answers it. */
interface Desk extends Surroundings {
  readonly deps: Deps;
  readonly oidc: Oidc;
  readonly flow: CodeFlow;
  readonly trips: RoundTrips;
}

/** `oidc` undefined, or without a client of the console: the routes are there and say so. */
export function addSignIn(api: Api, deps: Deps, oidc: Oidc | undefined, around: Surroundings): void {
  const desk = oidc?.client && {
    ...around,
    deps,
    oidc,
    flow: createCodeFlow(oidc, oidc.client, around.now),
    trips: createRoundTrips(around.secret, around.now),
  };
  api.openapi(start, async (c) => {
    if (desk === undefined) return notConfigured();
    const { return_to: wished, prompt } = c.req.valid('query');
    const returnTo = ownPath(wished ?? startPath);
    if (returnTo === null) {
      const detail = 'return_to must be a path of this origin, beginning with a single slash.';
      return refuse({ code: 'invalid_parameter', detail, parameter: 'return_to' });
    }
    const origin = publicOrigin(c.req.raw, deps.settings.allowedOrigins);
    return guarded(desk, returnTo, async () => {
      const { location, trip } = await desk.flow.begin(`${origin}${callbackPath}`, returnTo, prompt);
      const headers = { Location: location, 'Set-Cookie': await desk.trips.open(trip, new URL(origin)) };
      return answerOf(new Response(null, { status: found, headers }));
    });
  });
  api.openapi(callback, async (c) => {
    if (desk === undefined) return notConfigured();
    const trip = await desk.trips.read(c.req.raw);
    const query = new URL(c.req.url).searchParams;
    if (trip === null || query.get('state') !== trip.state) {
      const text = 'This sign-in was completed already, took over ten minutes, or was overtaken by a later one.';
      return problemPage('sign_in_failed', text, trip?.return_to);
    }
    return guarded(desk, trip.return_to, () => settle(desk, c, query, trip));
  });
}

/** What comes of a round trip that is ours. Then it is over and its cookie goes; while the provider is away it stays, for another try. */
async function settle(desk: Desk, c: Context<ApiEnv>, query: URLSearchParams, trip: RoundTrip): Promise<Answer> {
  const { oidc, deps, sessions, trips } = desk;
  const url = new URL(publicOrigin(c.req.raw, deps.settings.allowedOrigins));
  const over = trips.close(url);
  const arrival = await desk.flow.complete(query, trip);
  if ('code' in arrival) {
    const { code } = arrival;
    const message = 'A sign-in was not completed.';
    deps.log?.({ level: 'warn', event: 'sign_in_failed', message, fields: { code } });
    const text =
      code === 'access_denied' ? 'The sign-in was declined.' : `The identity provider did not confirm it (${code}).`;
    return problemPage('sign_in_failed', text, trip.return_to, [over]);
  }
  const subject = await auditedSubject(oidc.provider.issuer, arrival.subject);
  if (!(await isAdmin(arrival, oidc.role))) {
    const { httpStatus: status } = reasons.forbidden;
    await desk.audit.record({ actor: subject, endpoint: callbackPath, filters: {}, status });
    return problemPage('forbidden', roleMissing, trip.return_to, [over]);
  }
  return pageAnswer(await signedInPage(trip.return_to), httpOk, [over, await sessions.open(subject, url)]);
}

async function isAdmin(arrival: Arrival, role: AdminRole): Promise<boolean> {
  return holdsRole(arrival.claims, role) || holdsRole(await arrival.userinfo(), role);
}

/** A provider that is away is said on a page. */
async function guarded(desk: Desk, returnTo: string, work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ProviderAwayError)) throw error;
    desk.deps.log?.(awayEntry(error));
    return problemPage('identity_unavailable', awayDetail, returnTo);
  }
}

/** An answer whose members for the type checker are never read. */
type Answer = Response & TypedResponse<never, never, never>;

function answerOf(response: Response): Answer {
  return response as Answer;
}

async function problemPage(code: ReasonCode, text: string, returnTo?: string, cookies?: string[]): Promise<Answer> {
  return pageAnswer(await signInProblemPage(code, text, returnTo), reasons[code].httpStatus, cookies);
}

function pageAnswer({ html, policy }: Page, status: number, cookies: readonly string[] = []): Answer {
  const headers = new Headers({ 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': policy });
  for (const cookie of cookies) headers.append('Set-Cookie', cookie);
  return answerOf(new Response(html, { status, headers }));
}

function notConfigured(): Answer {
  const detail = 'Nobody signs in here: COMMAND_CENTER_OIDC_ISSUER and COMMAND_CENTER_OIDC_CLIENT_ID are not both set.';
  return refuse({ code: 'not_found', detail });
}
