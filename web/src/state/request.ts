import type { z } from 'zod';
import { type Failure, failureOf, notUnderstood, unreachable } from './failure.ts';

/** Where the API stands. */
export const apiPath = '/api/admin/observability';

/** Milliseconds that an answer may take: the API gives a statement 10 s. */
const deadlineMs = 15_000;

export type Answer<T> = { readonly data: T } | { readonly failure: Failure };

/** Asks the API. Rejects only when `signal` aborts. */
export function request<T>(path: string, schema: z.ZodType<T>, signal: AbortSignal): Promise<Answer<T>> {
  return answerOf(path, { headers: json }, schema, signal);
}

/** Asks the API for something to be made (POST). Rejects only when `signal` aborts. */
export function send<T>(path: string, schema: z.ZodType<T>, signal: AbortSignal): Promise<Answer<T>> {
  const headers = { ...json, 'Content-Type': 'application/json' };
  return answerOf(path, { method: 'POST', headers, body: '{}' }, schema, signal);
}

const json = { Accept: 'application/json' };

async function answerOf<T>(
  path: string,
  how: RequestInit,
  schema: z.ZodType<T>,
  signal: AbortSignal,
): Promise<Answer<T>> {
  try {
    const response = await fetch(apiPath + path, {
      ...how,
      credentials: 'same-origin',
      signal: AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]),
    });
    const body: unknown = await response.json().catch(() => null);
    if (!response.ok) return { failure: failureOf(body) };
    const read = schema.safeParse(body);
    return read.success ? { data: read.data } : { failure: notUnderstood };
  } catch {
    signal.throwIfAborted();
    return { failure: unreachable };
  }
}

/** A path with its query; parameters without a value are left out, lists repeated. */
export function pathOf(endpoint: string, parameters: Readonly<Record<string, string | readonly string[]>>): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(parameters)) {
    for (const one of typeof value === 'string' ? [value] : value) if (one !== '') query.append(key, one);
  }
  const text = query.toString();
  return text === '' ? endpoint : `${endpoint}?${text}`;
}
