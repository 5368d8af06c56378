import { Hono } from 'hono';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ApiEnv } from './deps.ts';
import { type Sharing, share } from './share.ts';

/** A run of the route, which ends when the test says so. */
interface Run {
  readonly url: string;
  end(answer: Response): void;
  fail(error: Error): void;
}

const sharing: Sharing = {
  unshared: new Set(['/export']),
  constant: new Set(['/config']),
  arrivals: async () => arrived,
  heldMs: 1_000,
  heldBytes: 1_000_000,
};
let arrived: string | undefined;
let runs: Run[];
let filters: unknown[];
let app: Hono<ApiEnv>;
const began: PromiseWithResolvers<void>[] = [];
const begun = (n: number): PromiseWithResolvers<void> => {
  const known = began[n] ?? Promise.withResolvers<void>();
  began[n] = known;
  return known;
};

function open(): void {
  app = new Hono<ApiEnv>();
  app.use(async (c, next) => {
    await next();
    filters.push(c.get('filters'));
  });
  app.use(share(sharing));
  app.all('*', async (c) => {
    const answer = Promise.withResolvers<Response>();
    c.set('filters', { run: runs.length });
    runs.push({ url: c.req.url, end: answer.resolve, fail: answer.reject });
    begun(runs.length).resolve();
    return answer.promise;
  });
  app.onError((error) => new Response(error.message, { status: 500 }));
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
  runs = [];
  filters = [];
  began.length = 0;
  arrived = 'one';
  open();
});
afterEach(() => vi.useRealTimers());

const ask = async (path: string, init?: RequestInit): Promise<Response> => app.request(path, init);
const anew = (path: string) => ask(path, { headers: { 'Cache-Control': 'no-cache' } });
const said = (text: string): Response => new Response(text, { headers: { 'X-Said': text } });
const textOf = async (answer: Promise<Response>): Promise<string> => (await answer).text();

/** A question whose run ends at once with `text`. */
async function answered(path: string, text: string): Promise<void> {
  const next = begun(runs.length + 1);
  const answer = ask(path);
  await next.promise;
  runs.at(-1)?.end(said(text));
  expect(await textOf(answer)).toBe(text);
}

/** Asks twice: the first run is made without a look at what arrived, so that only the second may be given to others. */
async function held(path: string, text: string): Promise<void> {
  await answered(path, 'not asked lately');
  await answered(path, text);
}

describe('requests that ask the same soon after each other are answered by one run', () => {
  test('those who come while it runs, and those who come after it', async () => {
    await answered('/logs?a=1', 'not asked lately');
    const next = begun(2);
    const waiting = [ask('/logs?a=1'), ask('/logs?a=1'), ask('/logs?a=1')];
    await next.promise;
    vi.advanceTimersByTime(600);
    runs[1]?.end(said('one'));
    expect(await Promise.all(waiting.map(textOf))).toEqual(['one', 'one', 'one']);
    vi.advanceTimersByTime(399);
    const later = ask('/logs?a=1');
    expect(await textOf(later)).toBe('one');
    expect((await later).headers.get('x-said')).toBe('one');
    expect(runs).toHaveLength(2);
    // For the audit row of each.
    expect(filters).toEqual([{ run: 0 }, ...Array(4).fill({ run: 1 })]);
  });

  test('many that come at once, without one before: the first, and one for all others', async () => {
    const next = begun(2);
    const waiting = Array.from({ length: 16 }, () => ask('/logs'));
    await next.promise;
    runs[1]?.end(said('shared'));
    runs[0]?.end(said('first'));
    expect(await Promise.all(waiting.map(textOf))).toEqual(['first', ...Array(15).fill('shared')]);
    expect(runs).toHaveLength(2);
  });

  test('once something has arrived nobody gets what was found before, also where that is still on its way', async () => {
    await answered('/logs', 'not asked lately');
    const next = begun(2);
    const slow = ask('/logs');
    await next.promise;
    arrived = 'two';
    await answered('/logs', 'new');
    runs[1]?.end(said('old'));
    expect(await textOf(slow)).toBe('old');
    expect(await textOf(ask('/logs'))).toBe('new');
    arrived = 'three';
    await answered('/logs', 'newer');
  });

  test('nor where nobody can tell what has arrived', async () => {
    arrived = undefined;
    for (const text of ['a', 'b', 'c']) await answered('/logs', text);
  });

  test('nor a second after a run began: its range is another one by then', async () => {
    await held('/logs', 'held');
    vi.advanceTimersByTime(999);
    expect(await textOf(ask('/logs'))).toBe('held');
    vi.advanceTimersByTime(1);
    await answered('/logs', 'new');
  });

  test('who asks not to be given what is held gets a run of its own', async () => {
    await held('/logs', 'held');
    const next = begun(3);
    const own = anew('/logs');
    await next.promise;
    runs[2]?.end(said('own'));
    expect(await textOf(own)).toBe('own');
  });

  test('what is made of settings alone is given without a look at what arrived', async () => {
    await answered('/config', 'settings');
    arrived = 'two';
    expect(await textOf(ask('/config'))).toBe('settings');
  });

  test('other questions, other methods, other encodings, and streams run by themselves', async () => {
    const questions: readonly (readonly [string, RequestInit?])[] = [
      ['/logs?a=1'],
      ['/logs?a=2'],
      ['/traces?a=1'],
      ['/logs?a=1', { method: 'POST' }],
      ['/logs?a=1', { headers: { 'Accept-Encoding': 'gzip' } }],
      ['/logs?a=1', { headers: { 'If-None-Match': '"a"' } }],
      ['/export'],
      ['/export'],
    ];
    for (const [n, [path, init]] of questions.entries()) {
      const next = begun(n + 1);
      const answer = ask(path, init);
      await next.promise;
      runs[n]?.end(said(`run ${n}`));
      expect(await textOf(answer)).toBe(`run ${n}`);
    }
  });

  test.each([400, 503])('a %i is told to those who waited, and held for nobody', async (status) => {
    await answered('/logs', 'well');
    const next = begun(2);
    const waiting = [ask('/logs'), ask('/logs')];
    await next.promise;
    runs[1]?.end(new Response('no', { status, headers: { 'Retry-After': '5' } }));
    const answers = await Promise.all(waiting);
    expect(answers.map((one) => [one.status, one.headers.get('retry-after')])).toEqual(Array(2).fill([status, '5']));
    await answered('/logs', 'well again');
  });

  test('a run that throws fails for those who waited alone', async () => {
    await answered('/logs', 'well');
    const next = begun(2);
    const waiting = [ask('/logs'), ask('/logs')];
    await next.promise;
    runs[1]?.fail(new Error('broken'));
    expect(await Promise.all(waiting.map(async (one) => (await one).status))).toEqual([500, 500]);
    await answered('/logs', 'well again');
  });
});
