import type { Context, MiddlewareHandler } from 'hono';
import type { ApiEnv } from './deps.ts';
import { type Answer, recentRuns } from './recentRuns.ts';

export interface Sharing {
  /** Paths whose answers have one reader. */
  readonly unshared: ReadonlySet<string>;
  /** Milliseconds after its run began for which an answer is given to whoever asks the same; 0: to nobody else. */
  readonly heldMs: number;
  /** Bytes of the answers that are held at a time. */
  readonly heldBytes: number;
  /** No request may wait for what another one began (Workers): answers are shared once they are there. */
  readonly areRequestsApart: boolean;
}

/** Below it an answer is good; a failure is told to those who waited for it, and kept for nobody. */
const firstFailure = 400;
/** RFC 9111 §5.2.1: what is held must not be given without asking anew. */
const asksAnew = /\bno-(?:cache|store)\b/i;

/**
 * Lets one run answer all who ask the same within `heldMs` of its beginning: so no answer is older than its question by more than that, and however many
 * consoles are open, a question costs the database one run in that time. `Cache-Control: no-cache` begins a run of its own.
 */
export function share({ unshared, heldMs, heldBytes, areRequestsApart }: Sharing): MiddlewareHandler<ApiEnv> {
  const runs = recentRuns(heldMs, heldBytes, () => performance.now());
  return async (c, next) => {
    if (c.req.method !== 'GET' || unshared.has(c.req.path)) return next();
    const key = keyOf(c);
    const recent = asksAnew.test(c.req.header('Cache-Control') ?? '') ? undefined : runs.find(key);
    const answer = areRequestsApart ? recent?.answered : recent?.answer;
    if (answer !== undefined) {
      give(c, await answer);
      return undefined;
    }
    const run = runs.begin(key);
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
  const headers = ['Accept-Encoding', 'If-None-Match', 'Origin'].map((name) => c.req.header(name));
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
