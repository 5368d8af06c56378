import { expect } from 'vitest';
import type { Stage } from '../api/stage.ts';

export const sessionCookie = 'command_center_session';
export const tripCookie = 'command_center_sign_in';

/** The cookies that an answer sets, by name, with their attributes. */
export function cookiesOf(answer: Response): Map<string, string> {
  return new Map(answer.headers.getSetCookie().map((cookie) => [cookie.split('=')[0] ?? '', cookie]));
}

/** A cookie as a browser sends it back. */
export const pairOf = (cookie: string | undefined): string => cookie?.split(';')[0] ?? '';

/** Begins a sign-in: where the browser is sent, and the cookie that it keeps. */
export async function begin(stage: Stage, query = ''): Promise<{ location: string; cookie: string }> {
  const answer = await stage.call(`/auth/start${query}`);
  expect(answer.status).toBe(302);
  return { location: answer.headers.get('location') ?? '', cookie: pairOf(cookiesOf(answer).get(tripCookie)) };
}

/** Comes back from the provider to `url`. */
export function comeBack(stage: Stage, url: string, cookie: string): Promise<Response> {
  const { pathname, search } = new URL(url);
  return stage.call(`${pathname}${search}`, { headers: { Cookie: cookie } });
}
