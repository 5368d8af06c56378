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
  heldMs: 1_000,
  heldBytes: 1_000_000,
  areRequestsApart: false,
};
let runs: Run[];
let filters: unknown[];
let app: Hono<ApiEnv>;
const began: PromiseWithResolvers<void>[] = [];
const begun = (n: number): PromiseWithResolvers<void> => {
  const known = began[n] ?? Promise.withResolvers<void>();
  began[n] = known;
  return known;
};

function open(options: Partial<Sharing> = {}): void {
  app = new Hono<ApiEnv>();
  app.use(async (c, next) => {
    await next();
    filters.push(c.get('filters'));
  });
  app.use(share({ ...sharing, ...options }));
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

describe('requests that ask the same within a second are answered by one run', () => {
  test('those who come while it runs, and those who come after it', async () => {
    const first = [ask('/logs?a=1'), ask('/logs?a=1'), ask('/logs?a=1')];
    await begun(1).promise;
    vi.advanceTimersByTime(600);
    runs[0]?.end(said('one'));
    expect(await Promise.all(first.map(textOf))).toEqual(['one', 'one', 'one']);
    vi.advanceTimersByTime(399);
    const later = ask('/logs?a=1');
    expect(await textOf(later)).toBe('one');
    expect((await later).headers.get('x-said')).toBe('one');
    expect(runs).toHaveLength(1);
    // For the audit row of each.
    expect(filters).toEqual(Array(4).fill({ run: 0 }));
  });

  test('a second after a run began nobody gets what it found, also where it still runs', async () => {
    const slow = ask('/logs');
    await begun(1).promise;
    vi.advanceTimersByTime(1_000);
    await answered('/logs', 'new');
    runs[0]?.end(said('old'));
    expect(await textOf(slow)).toBe('old');
    expect(await textOf(ask('/logs'))).toBe('new');
    vi.advanceTimersByTime(1_000);
    await answered('/logs', 'newer');
  });

  test('who asks not to be given what is held gets a run of its own, and later ones its answer', async () => {
    await answered('/logs', 'held');
    const own = anew('/logs');
    await begun(2).promise;
    runs[1]?.end(said('own'));
    expect(await textOf(own)).toBe('own');
    expect(await textOf(ask('/logs'))).toBe('own');
  });

  test('other questions, other methods, other encodings, and streams run by themselves', async () => {
    const all = [
      ask('/logs?a=1'),
      ask('/logs?a=2'),
      ask('/traces?a=1'),
      ask('/logs?a=1', { method: 'POST' }),
      ask('/logs?a=1', { headers: { 'Accept-Encoding': 'gzip' } }),
      ask('/logs?a=1', { headers: { 'If-None-Match': '"a"' } }),
      ask('/export'),
      ask('/export'),
    ];
    await begun(all.length).promise;
    for (const run of runs) run.end(said('x'));
    expect(await Promise.all(all.map(textOf))).toEqual(all.map(() => 'x'));
  });

  test.each([400, 503])('a %i is told to those who waited, and kept for nobody', async (status) => {
    const waiting = [ask('/logs'), ask('/logs')];
    await begun(1).promise;
    runs[0]?.end(new Response('no', { status, headers: { 'Retry-After': '5' } }));
    const answers = await Promise.all(waiting);
    expect(answers.map((one) => [one.status, one.headers.get('retry-after')])).toEqual(Array(2).fill([status, '5']));
    await answered('/logs', 'well');
  });

  test('a run that throws fails for those who waited alone', async () => {
    const waiting = [ask('/logs'), ask('/logs')];
    await begun(1).promise;
    runs[0]?.fail(new Error('broken'));
    expect(await Promise.all(waiting.map(async (one) => (await one).status))).toEqual([500, 500]);
    await answered('/logs', 'well');
  });
});

describe('where no request may wait for what another one began', () => {
  test('each runs by itself until an answer is there', async () => {
    open({ areRequestsApart: true });
    const both = [ask('/logs'), ask('/logs')];
    await begun(2).promise;
    runs[0]?.end(said('first'));
    runs[1]?.end(said('second'));
    expect(await Promise.all(both.map(textOf))).toEqual(['first', 'second']);
    expect(await textOf(ask('/logs'))).toBe('second');
    expect(runs).toHaveLength(2);
  });
});
