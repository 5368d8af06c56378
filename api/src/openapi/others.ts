import type { RouteConfig } from '@asteasolutions/zod-to-openapi';
import { httpOk, reasons } from '@command-center/contract/reasons';
import { z } from 'zod';
import { loginBody } from '../routes/login.ts';
import { callbackPath, signInPath } from '../routes/paths.ts';
import { found, signInQuery } from '../routes/signIn.ts';
import { noContent } from '../routes/view.ts';
import { readRefusals, refusals } from './responses.ts';

const pageOf = (description: string) => ({ description, content: { 'text/html': { schema: z.string() } } });

const loginPage: RouteConfig = {
  method: 'get',
  path: '/login',
  summary: 'The page of a login link; the token stands in the fragment',
  responses: { [httpOk]: { description: 'A page.', content: { 'text/html': { schema: z.string() } } } },
};

const login: RouteConfig = {
  method: 'post',
  path: '/login',
  summary: 'Exchanges the token of a login link, once, for a session cookie; with an Origin of ours',
  request: { body: { required: true, content: { 'application/json': { schema: loginBody } } } },
  responses: {
    [noContent]: { description: 'Logged in: the cookie is set.' },
    ...refusals([
      'invalid_parameter',
      'login_expired',
      'wrong_origin',
      'too_large',
      'unsupported_media_type',
      ...readRefusals,
    ]),
  },
};

const logout: RouteConfig = {
  method: 'post',
  path: '/logout',
  summary: 'Ends the session; with an Origin of ours',
  responses: { [noContent]: { description: 'Logged out: the cookie is gone.' }, ...refusals(['wrong_origin']) },
};

const start: RouteConfig = {
  method: 'get',
  path: signInPath,
  summary: 'Begins a sign-in: leads to the identity provider',
  request: { query: signInQuery },
  responses: {
    [found]: { description: 'To the identity provider.' },
    ...refusals(['invalid_parameter', 'not_found']),
    [reasons.identity_unavailable.httpStatus]: pageOf('The identity provider does not answer.'),
  },
};

const callback: RouteConfig = {
  method: 'get',
  path: callbackPath,
  summary: 'Where the identity provider sends browsers back to',
  responses: {
    [httpOk]: pageOf('Signed in: the cookie is set, and the page goes on to where the sign-in was begun.'),
    [reasons.sign_in_failed.httpStatus]: pageOf('The sign-in was declined, took too long or was completed already.'),
    [reasons.forbidden.httpStatus]: pageOf('The identity is valid but does not hold the system-admin role.'),
    ...refusals(['not_found']),
    [reasons.identity_unavailable.httpStatus]: pageOf('The identity provider does not answer.'),
  },
};

const healthy = z.object({ status: z.literal('ok'), version: z.string() });

const health: RouteConfig = {
  method: 'get',
  path: '/healthz',
  summary: 'Whether this process and its database answer',
  responses: {
    [httpOk]: { description: 'Both do.', content: { 'application/json': { schema: healthy } } },
    ...refusals(readRefusals),
  },
};

/** What the document says of the routes outside the gate. */
export const otherRoutes: readonly RouteConfig[] = [loginPage, login, logout, start, callback, health];
