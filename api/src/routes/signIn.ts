import { httpOk, type ReasonCode, reasons } from '@command-center/contract/reasons';
import type { Context } from 'hono';
import { z } from 'zod';
import { type Arrival, type CodeFlow, createCodeFlow } from '../auth/oidc/codeFlow.ts';
import type { Oidc } from '../auth/oidc/oidc.ts';
import { awayDetail, awayEntry, ProviderAwayError } from '../auth/oidc/providerAway.ts';
import { type AdminRole, holdsRole, roleMissing } from '../auth/oidc/role.ts';
import { createRoundTrips, type RoundTrip, type RoundTrips } from '../auth/oidc/roundTrip.ts';
import { auditedSubject } from '../auth/oidc/subject.ts';
import { publicOrigin } from '../auth/origin.ts';
import { ownPath, startPath } from '../auth/returnTo.ts';
import type { ApiEnv } from '../deps.ts';
import type { Page } from '../pages/page.ts';
import { signedInPage, signInProblemPage } from '../pages/signIn.ts';
import { refuse } from '../problems.ts';
import { callbackPath } from './paths.ts';
import { type Surroundings, type View, withQuery } from './view.ts';

/** The status of a redirect; every other one stands in the contract's answer table. */
export const found = 302;

export const signInQuery = z.strictObject({
  return_to: z.string().optional(),
  prompt: z.literal('login', 'must be login').optional(),
});

/** One browser's request, and what answers it. */
interface Desk extends Surroundings {
  readonly oidc: Oidc;
  readonly flow: CodeFlow;
  readonly trips: RoundTrips;
}

/** Undefined without a provider, or without a client of the console. */
function deskOf(around: Surroundings): Desk | undefined {
  const { oidc, secret, now } = around;
  return (
    oidc?.client && {
      ...around,
      oidc,
      flow: createCodeFlow(oidc, oidc.client, now),
      trips: createRoundTrips(secret, now),
    }
  );
}

export function signInView(around: Surroundings): View {
  const desk = deskOf(around);
  if (desk === undefined) return notConfigured;
  return withQuery(signInQuery, async (c, { return_to: wished, prompt }) => {
    const returnTo = ownPath(wished ?? startPath);
    if (returnTo === null) {
      const detail = 'return_to must be a path of this origin, beginning with a single slash.';
      return refuse({ code: 'invalid_parameter', detail, parameter: 'return_to' });
    }
    const origin = publicOrigin(c.req.raw, desk.deps.settings.allowedOrigins);
    return guarded(desk, returnTo, async () => {
      const { location, trip } = await desk.flow.begin(`${origin}${callbackPath}`, returnTo, prompt);
      const headers = { Location: location, 'Set-Cookie': await desk.trips.open(trip, new URL(origin)) };
      return new Response(null, { status: found, headers });
    });
  });
}

export function callbackView(around: Surroundings): View {
  const desk = deskOf(around);
  if (desk === undefined) return notConfigured;
  return async (c) => {
    const trip = await desk.trips.read(c.req.raw);
    const query = new URL(c.req.url).searchParams;
    if (trip === null || query.get('state') !== trip.state) {
      const text = 'This sign-in was completed already, took over ten minutes, or was overtaken by a later one.';
      return problemPage('sign_in_failed', text, trip?.return_to);
    }
    return guarded(desk, trip.return_to, () => settle(desk, c, query, trip));
  };
}

/** What comes of a round trip that is ours. Then it is over and its cookie goes; while the provider is away it stays, for another try. */
async function settle(desk: Desk, c: Context<ApiEnv>, query: URLSearchParams, trip: RoundTrip): Promise<Response> {
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
async function guarded(desk: Desk, returnTo: string, work: () => Promise<Response>): Promise<Response> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ProviderAwayError)) throw error;
    desk.deps.log?.(awayEntry(error));
    return problemPage('identity_unavailable', awayDetail, returnTo);
  }
}

async function problemPage(code: ReasonCode, text: string, returnTo?: string, cookies?: string[]): Promise<Response> {
  return pageAnswer(await signInProblemPage(code, text, returnTo), reasons[code].httpStatus, cookies);
}

function pageAnswer({ html, policy }: Page, status: number, cookies: readonly string[] = []): Response {
  const headers = new Headers({ 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': policy });
  for (const cookie of cookies) headers.append('Set-Cookie', cookie);
  return new Response(html, { status, headers });
}

function notConfigured(): Response {
  const detail = 'Nobody signs in here: COMMAND_CENTER_OIDC_ISSUER and COMMAND_CENTER_OIDC_CLIENT_ID are not both set.';
  return refuse({ code: 'not_found', detail });
}
