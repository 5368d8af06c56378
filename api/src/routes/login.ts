import { httpOk, reasons } from '@command-center/contract/reasons';
import { createRoute } from '@hono/zod-openapi';
import { bodyLimit } from 'hono/body-limit';
import { z } from 'zod';
import { redeemLoginToken } from '../auth/loginLink.ts';
import type { Sessions } from '../auth/session.ts';
import type { Deps } from '../deps.ts';
import { limits } from '../limits.ts';
import { loginPage } from '../pages/login.ts';
import { refuse } from '../problems.ts';
import { type Api, noContent, refusals } from './declaration.ts';

const page = createRoute({
  method: 'get',
  path: '/login',
  summary: 'The page of a login link; the token stands in the fragment',
  responses: { [httpOk]: { description: 'A page.', content: { 'text/html': { schema: z.string() } } } },
});

const login = createRoute({
  method: 'post',
  path: '/login',
  summary: 'Exchanges the token of a login link, once, for a session cookie; with an Origin of ours',
  middleware: bodyLimit({
    maxSize: limits.bodyBytes,
    onError: () => refuse({ code: 'too_large', detail: `The body may have at most ${limits.bodyBytes} bytes.` }),
  }),
  request: {
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z.strictObject({
            token: z.string('must be a string').regex(/^[\w-]{20,100}$/, 'must be the token of a login link'),
          }),
        },
      },
    },
  },
  responses: {
    [noContent]: { description: 'Logged in: the cookie is set.' },
    ...refusals([
      'invalid_parameter',
      'login_expired',
      'wrong_origin',
      'too_large',
      'unsupported_media_type',
      'database_unavailable',
    ]),
  },
});

const logout = createRoute({
  method: 'post',
  path: '/logout',
  summary: 'Ends the session; with an Origin of ours',
  responses: { [noContent]: { description: 'Logged out: the cookie is gone.' }, ...refusals(['wrong_origin']) },
});

/** `signInPath`: where people sign in instead who have an account of an identity provider. */
export function addLogin(api: Api, deps: Deps, sessions: Sessions, signInPath: string | undefined): void {
  const made = loginPage(signInPath);
  api.openapi(page, async (c) => {
    const { html, policy } = await made;
    return c.html(html, httpOk, { 'Content-Security-Policy': policy });
  });
  api.openapi(login, async (c) => {
    const subject = await redeemLoginToken(deps.sql, c.req.valid('json').token);
    if (subject === null) return refuse({ code: 'login_expired', detail: reasons.login_expired.text });
    return c.body(null, noContent, { 'Set-Cookie': await sessions.open(subject, new URL(c.req.url)) });
  });
  api.openapi(logout, (c) => c.body(null, noContent, { 'Set-Cookie': sessions.close(new URL(c.req.url)) }));
}
