import { httpOk, reasons } from '@command-center/contract/reasons';
import type { Context } from 'hono';
import { z } from 'zod';
import { redeemLoginToken } from '../auth/loginLink.ts';
import type { ApiEnv } from '../deps.ts';
import { loginPage } from '../pages/login.ts';
import { type Refusal, refuse } from '../problems.ts';
import { refusalOf } from '../requests/refusal.ts';
import { noContent, type Surroundings, type View } from './view.ts';

export const loginBody = z.strictObject({
  token: z.string('must be a string').regex(/^[\w-]{20,100}$/, 'must be the token of a login link'),
});
type LoginBody = z.infer<typeof loginBody>;

/** The page of a login link, or where people sign in instead who have an account of an identity provider. */
export function loginPageView({ signIn }: Surroundings): View {
  const made = loginPage(signIn);
  return async (c) => {
    const { html, policy } = await made;
    return c.html(html, httpOk, { 'Content-Security-Policy': policy });
  };
}

export function loginView({ deps, sessions }: Surroundings): View {
  return async (c) => {
    const read = await bodyOf(c);
    if ('refusal' in read) return refuse(read.refusal);
    const subject = await redeemLoginToken(deps.sql, read.body.token);
    if (subject === null) return refuse({ code: 'login_expired', detail: reasons.login_expired.text });
    return c.body(null, noContent, { 'Set-Cookie': await sessions.open(subject, new URL(c.req.url)) });
  };
}

export function logoutView({ sessions }: Surroundings): View {
  return (c) => c.body(null, noContent, { 'Set-Cookie': sessions.close(new URL(c.req.url)) });
}

async function bodyOf(c: Context<ApiEnv>): Promise<{ readonly body: LoginBody } | { readonly refusal: Refusal }> {
  const text = await c.req.text();
  const mediaType = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (mediaType !== 'application/json')
    return { refusal: { code: 'unsupported_media_type', detail: 'The body must be application/json.' } };
  const json = jsonOf(text);
  if (json === undefined)
    return { refusal: { code: 'invalid_parameter', detail: 'The body must be a JSON object.', parameter: 'body' } };
  const read = loginBody.safeParse(json);
  return read.success ? { body: read.data } : { refusal: refusalOf(read.error) };
}

/** Undefined for what is no JSON. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
