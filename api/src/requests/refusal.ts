import type { z } from 'zod';
import { type BadParameter, badParameter } from './window.ts';

/** Turns what zod found in a query or a body into one refusal that names the first parameter at fault. */
export function refusalOf(error: z.core.$ZodError): BadParameter {
  const issue = error.issues[0];
  if (issue?.code === 'unrecognized_keys') return unknownParameter(issue.keys[0] ?? '');
  const parameter = String(issue?.path[0] ?? 'body');
  return badParameter(parameter, `${parameter} ${issue?.message ?? 'is not valid'}.`);
}

export function unknownParameter(name: string): BadParameter {
  // What the caller wrote may be anything: only what looks like a name is repeated.
  const shown = /^[\w.-]{1,60}$/.exec(name)?.[0] ?? '?';
  return badParameter(shown, `${shown} is not a parameter of this endpoint.`);
}
