import type { z } from 'zod';
import { type BadParameter, badParameter } from './window.ts';

/** Turns what zod found in a query or a body into one refusal that names the first parameter at fault. */
export function refusalOf(error: z.core.$ZodError): BadParameter {
  const issue = error.issues[0];
  if (issue?.code === 'unrecognized_keys') {
    // What the caller wrote may be anything: only what looks like a name is repeated.
    const unknown = /^[\w.-]{1,60}$/.exec(issue.keys[0] ?? '')?.[0] ?? '?';
    return badParameter(unknown, `${unknown} is not a parameter of this endpoint.`);
  }
  const parameter = String(issue?.path[0] ?? 'body');
  return badParameter(parameter, `${parameter} ${issue?.message ?? 'is not valid'}.`);
}
