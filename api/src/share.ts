import type { Context, MiddlewareHandler } from 'hono';
import type { ApiEnv } from './deps.ts';

/** An answer that several requests get. */
interface Answer {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: ArrayBuffer;
  readonly filters: Readonly<Record<string, unknown>>;
}

/** One question: who is being answered, and who came meanwhile. */
interface Question {
  /** Ends with the answer where someone waits for it, else with null. */
  running: Promise<Answer | null> | undefined;
  waiting: { readonly answer: Promise<Answer>; count: number } | undefined;
}

/** A database that is away is away for all who ask meanwhile: nobody waits for a second failure. */
const leastShared = 500;

/**
 * Answers requests that ask the same thing at the same time together: while one is answered, the others wait, and are then answered by one run that
 * begins after the last of them came. So each answer is as new as if it had been asked for alone, and many open consoles cost the database two runs at a
 * time.
 */
export function share(unshared: ReadonlySet<string>): MiddlewareHandler<ApiEnv> {
  const open = new Map<string, Question>();
  return async (c, next) => {
    if (c.req.method !== 'GET' || unshared.has(c.req.path)) return next();
    const key = keyOf(c);
    const question: Question = open.get(key) ?? { running: undefined, waiting: undefined };
    open.set(key, question);
    if (question.waiting !== undefined) {
      question.waiting.count += 1;
      give(c, await question.waiting.answer);
      return undefined;
    }
    try {
      await lead(c, next, question);
    } finally {
      if (question.running === undefined && question.waiting === undefined) open.delete(key);
    }
    return undefined;
  };
}

/** Waits for the run before it, then runs for itself and for those that came while it waited. */
async function lead(c: Context<ApiEnv>, next: () => Promise<void>, question: Question): Promise<void> {
  const mine = Promise.withResolvers<Answer>();
  // Without others nobody looks at it.
  mine.promise.catch(() => undefined);
  let others = 0;
  if (question.running !== undefined) {
    const waiting = { answer: mine.promise, count: 0 };
    question.waiting = waiting;
    const failure = await question.running;
    question.waiting = undefined;
    others = waiting.count;
    if (failure !== null) {
      mine.resolve(failure);
      give(c, failure);
      return;
    }
  }
  const ended = Promise.withResolvers<Answer | null>();
  question.running = ended.promise;
  let failure: Answer | null = null;
  try {
    await next();
    const isFailure = c.res.status >= leastShared && question.waiting !== undefined;
    if (others > 0 || isFailure) {
      const answer = await take(c);
      if (isFailure) failure = answer;
      mine.resolve(answer);
    }
  } catch (error) {
    mine.reject(error);
    throw error;
  } finally {
    question.running = undefined;
    ended.resolve(failure);
  }
}

/** What makes two requests the same question. Who asks is none of it: every admin sees the same. */
function keyOf(c: Context<ApiEnv>): string {
  const headers = ['Accept-Encoding', 'If-None-Match', 'Origin'].map((name) => c.req.header(name));
  return JSON.stringify([c.req.url, ...headers]);
}

/** Reads the answer out of the context, and leaves it there. */
async function take(c: Context<ApiEnv>): Promise<Answer> {
  const { status, headers } = c.res;
  const answer = { status, headers: [...headers], body: await c.res.arrayBuffer(), filters: c.get('filters') };
  give(c, answer);
  return answer;
}

function give(c: Context<ApiEnv>, { status, headers, body, filters }: Answer): void {
  c.set('filters', filters);
  c.res = undefined;
  c.res = new Response(body.byteLength === 0 ? null : body, {
    status,
    headers: headers.map(([name, value]) => [name, value]),
  });
}
