import type { Context, MiddlewareHandler } from 'hono';
import type { ApiEnv } from './deps.ts';
import { type Answer, recentRuns } from './recentRuns.ts';

export interface Sharing {
  /** Paths whose answers have one reader. */
  readonly unshared: ReadonlySet<string>;
  /** Paths that answer the same as long as this process lives. */
  readonly constant: ReadonlySet<string>;
  /** A text that is another one once anything has arrived since; undefined where nobody can tell. */
  readonly arrivals: () => Promise<string | undefined>;
  /** Milliseconds after its run began for which an answer may be given to others: it also changes with the time. 0: to nobody. */
  readonly heldMs: number;
  /** Bytes of the answers that are held at a time. */
  readonly heldBytes: number;
}

/** From here on an answer is a failure: told to those who waited for it, and held for nobody. */
const firstFailure = 400;
/** RFC 9111 §5.2.1: what is held must not be given. */
const asksAnew = /\bno-(?:cache|store)\b/i;

/**
 * Gives the answer to a question, or the one that is on its way, to who asks the same soon after it, as long as nothing has arrived since it was begun: so
 * each answer is what the request would have got by itself, and many open consoles cost the database a run each time something arrives.
 * `Cache-Control: no-cache` asks for a run of one's own. A question that was not asked lately is answered at once, without a look at what arrived.
 */
export function share({ unshared, constant, arrivals, heldMs, heldBytes }: Sharing): MiddlewareHandler<ApiEnv> {
  const runs = recentRuns(heldMs, heldBytes, () => performance.now());
  return async (c, next) => {
    const { method, path } = c.req;
    if (method !== 'GET' || unshared.has(path)) return next();
    const key = keyOf(c);
    let version = constant.has(path) ? '' : undefined;
    if (runs.find(key) !== undefined && !asksAnew.test(c.req.header('Cache-Control') ?? '')) {
      version ??= await arrivals();
      // Not the one from before: who waited for the same text may have begun another meanwhile.
      const recent = runs.find(key);
      if (version !== undefined && recent?.version === version) {
        give(c, await recent.answer);
        return undefined;
      }
    }
    const run = runs.begin(key, version);
    try {
      await next();
      run.end(await take(c), c.res.status < firstFailure);
    } catch (error) {
      run.fail(error);
      throw error;
    }
    return undefined;
  };
}

/** What makes two requests the same question. Who asks is none of it: every admin sees the same. */
function keyOf(c: Context<ApiEnv>): string {
  const headers = ['Accept-Encoding', 'If-None-Match', 'Origin', 'X-Forwarded-Host', 'X-Forwarded-Proto'].map((name) =>
    c.req.header(name),
  );
  return JSON.stringify([c.req.url, ...headers]);
}

/** Reads the answer out of the context, and leaves it there. */
async function take(c: Context<ApiEnv>): Promise<Answer> {
  const { status, headers } = c.res;
  const answer = {
    status,
    headers: [...headers],
    body: new Uint8Array(await c.res.arrayBuffer()),
    filters: c.get('filters'),
  };
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
