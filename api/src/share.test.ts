import { Hono } from 'hono';
import { beforeEach, describe, expect, test } from 'vitest';
import type { ApiEnv } from './deps.ts';
import { share } from './share.ts';

/** A run of the route, which ends when the test says so. */
interface Run {
  readonly url: string;
  end(answer: Response): void;
  fail(error: Error): void;
}

let runs: Run[];
let filters: unknown[];
let app: Hono<ApiEnv>;
const began: PromiseWithResolvers<void>[] = [];
const begun = (n: number): PromiseWithResolvers<void> => {
  const known = began[n] ?? Promise.withResolvers<void>();
  began[n] = known;
  return known;
};

beforeEach(() => {
  runs = [];
  filters = [];
  began.length = 0;
  app = new Hono<ApiEnv>();
  app.use(async (c, next) => {
    await next();
    filters.push(c.get('filters'));
  });
  app.use(share(new Set(['/export'])));
  app.all('*', async (c) => {
    const answer = Promise.withResolvers<Response>();
    c.set('filters', { run: runs.length });
    runs.push({ url: c.req.url, end: answer.resolve, fail: answer.reject });
    begun(runs.length).resolve();
    return answer.promise;
  });
  app.onError((error) => new Response(error.message, { status: 500 }));
});

const ask = async (path: string, init?: RequestInit): Promise<Response> => app.request(path, init);
const said = (text: string): Response => new Response(text, { headers: { 'X-Said': text } });
const textOf = async (answer: Promise<Response>): Promise<string> => (await answer).text();

describe('requests that ask the same at the same time are answered together', () => {
  test('those who come while one runs share the run after it, never the one that began before they came', async () => {
    const first = ask('/logs?a=1');
    await begun(1).promise;
    const others = [ask('/logs?a=1'), ask('/logs?a=1'), ask('/logs?a=1')];
    await Promise.resolve();
    expect(runs).toHaveLength(1);
    runs[0]?.end(said('old'));
    await begun(2).promise;
    runs[1]?.end(said('new'));
    expect(await textOf(first)).toBe('old');
    expect(await Promise.all(others.map(textOf))).toEqual(['new', 'new', 'new']);
    expect((await others[2])?.headers.get('x-said')).toBe('new');
    expect(runs).toHaveLength(2);
    // For the audit row of each.
    expect(filters).toEqual([{ run: 0 }, { run: 1 }, { run: 1 }, { run: 1 }]);
  });

  test('who comes while the second runs waits for a third', async () => {
    const answers = [ask('/logs')];
    for (const run of [1, 2, 3]) {
      await begun(run).promise;
      answers.push(ask('/logs'));
      await Promise.resolve();
      runs[run - 1]?.end(said(`run ${run}`));
    }
    await begun(4).promise;
    runs[3]?.end(said('run 4'));
    expect(await Promise.all(answers.map(textOf))).toEqual(['run 1', 'run 2', 'run 3', 'run 4']);
  });

  test('other questions, other methods, other encodings, and streams run by themselves', async () => {
    const all = [
      ask('/logs?a=1'),
      ask('/logs?a=2'),
      ask('/traces?a=1'),
      ask('/logs?a=1', { method: 'POST' }),
      ask('/logs?a=1', { headers: { 'Accept-Encoding': 'gzip' } }),
      ask('/export'),
      ask('/export'),
    ];
    await begun(all.length).promise;
    for (const run of runs) run.end(said('x'));
    expect(await Promise.all(all.map(textOf))).toEqual(all.map(() => 'x'));
  });

  test('a database that is away is away for those who waited as well; a refusal is not', async () => {
    const first = ask('/logs');
    await begun(1).promise;
    const others = [ask('/logs'), ask('/logs')];
    await Promise.resolve();
    runs[0]?.end(new Response('away', { status: 503, headers: { 'Retry-After': '5' } }));
    const [one, two] = await Promise.all(others);
    expect([(await first).status, one?.status, two?.status]).toEqual([503, 503, 503]);
    expect(two?.headers.get('retry-after')).toBe('5');
    expect(runs).toHaveLength(1);
    const again = ask('/logs');
    await begun(2).promise;
    const after = ask('/logs');
    await Promise.resolve();
    runs[1]?.end(new Response('bad', { status: 400 }));
    await begun(3).promise;
    runs[2]?.end(new Response('bad', { status: 400 }));
    expect([(await again).status, (await after).status]).toEqual([400, 400]);
  });

  test('a run that throws fails for those who shared it alone', async () => {
    const first = ask('/logs');
    await begun(1).promise;
    const others = [ask('/logs'), ask('/logs')];
    await Promise.resolve();
    runs[0]?.end(said('good'));
    await begun(2).promise;
    runs[1]?.fail(new Error('broken'));
    expect(await Promise.all(others.map(async (one) => (await one).status))).toEqual([500, 500]);
    expect(await textOf(first)).toBe('good');
    const later = ask('/logs');
    await begun(3).promise;
    runs[2]?.end(said('well'));
    expect(await textOf(later)).toBe('well');
  });
});
