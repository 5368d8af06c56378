import type { Context } from 'hono';
import type { z } from 'zod';
import type { Audit } from '../audit.ts';
import type { Oidc } from '../auth/oidc/oidc.ts';
import type { Sessions } from '../auth/session.ts';
import type { ApiEnv, Deps } from '../deps.ts';
import type { Slots } from '../export/slots.ts';
import { refuse } from '../problems.ts';
import { refusalOf, unknownParameter } from '../requests/refusal.ts';

/** What lives as long as the application, and is shared by what answers its routes. */
export interface Surroundings {
  readonly deps: Deps;
  readonly audit: Audit;
  readonly sessions: Sessions;
  readonly oidc: Oidc | undefined;
  /** Where people sign in who have an account of an identity provider. */
  readonly signIn: string | undefined;
  /** Places of exports. */
  readonly slots: Slots;
  /** COMMAND_CENTER_SESSION_SECRET, or what stands for it in this process. */
  readonly secret: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Answers the requests of a route. */
export type View = (c: Context<ApiEnv>) => Response | Promise<Response>;

/** The status of an answer without a body; every other one stands in the contract's answer table. */
export const noContent = 204;

type Parameters = Readonly<Record<string, unknown>>;

/** A view of the parameters that `query` takes; it is not asked for others, and a good request's are kept for the audit row. */
export function withQuery<S extends z.ZodType<Parameters>>(
  query: S,
  answer: (c: Context<ApiEnv>, parameters: z.output<S>) => Promise<Response>,
): View {
  return (c) => {
    const read = query.safeParse(given(c));
    if (!read.success) return refuse(refusalOf(read.error));
    c.set('filters', read.data);
    return answer(c, read.data);
  };
}

/** A view that takes no parameters. Needs no schema, and so no zod: a cold start is answered without it. */
export function withoutQuery(answer: View): View {
  return (c) => {
    const [unknown] = Object.keys(c.req.queries());
    return unknown === undefined ? answer(c) : refuse(unknownParameter(unknown));
  };
}

/** The parameters of a request: a text, or a list where one was given more than once. */
function given(c: Context<ApiEnv>): Parameters {
  const all = Object.entries(c.req.queries());
  return Object.fromEntries(all.map(([name, values]) => [name, values.length === 1 ? values[0] : values]));
}

/** An answer that is JSON already. */
export function jsonText(text: string): Response {
  return new Response(text, { headers: { 'Content-Type': 'application/json' } });
}
