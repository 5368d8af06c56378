import { untrack } from 'svelte';
import type { z } from 'zod';
import type { Failure } from './failure.ts';
import { nextDelayMs } from './freshness.ts';
import { bar, page } from './page.svelte.ts';
import { request } from './request.ts';
import { view } from './view.svelte.ts';

/** What a section asks for. */
export interface Ask<T> {
  /** Below `/api/admin/observability`, with its query. */
  readonly path: string;
  readonly schema: z.ZodType<T>;
  /** Milliseconds between two answers; null = once. */
  readonly cadenceMs: number | null;
  /** Milliseconds until the next poll, where the answer itself decides. */
  readonly delayMs?: (data: T) => number;
  /** An answer that was asked for before is due again at once. */
  readonly afterMs?: number;
}

export interface Held<T> {
  readonly data: T;
  /** What was asked; not the question of now while a new one is on its way. */
  readonly path: string;
  readonly askedAtMs: number;
  readonly receivedAtMs: number;
}

export interface Polled<T> {
  readonly held: Held<T> | null;
  /** Of the newest try; null after a success. */
  readonly failure: Failure | null;
  readonly retryAtMs: number | null;
  /** True while nothing that answers the question of now is held. */
  readonly isWaiting: boolean;
  /** Takes what came another way, at `receivedAtMs`, for an answer to the question of now: the next poll is due a cadence later. */
  put(data: T, receivedAtMs: number): void;
}

/**
 * Asks at once, then at its cadence: not while the page is hidden, and only once while paused. Call it while a component is made; it ends with
 * the component. `ask` is reactive, null asks nothing.
 */
export function poll<T>(ask: () => Ask<T> | null): Polled<T> {
  const answers = new Answers<T>();
  const asked = $derived(ask());
  const path = $derived(asked?.path ?? null);
  let lastRefresh = untrack(() => page.refreshes);

  $effect(() => {
    void path;
    const isPaused = view.now.isPaused;
    const refresh = page.refreshes;
    if (asked === null || !page.isVisible || page.barred !== null) return undefined;
    const isForced = refresh !== lastRefresh;
    lastRefresh = refresh;
    const ended = new AbortController();
    untrack(() => keepAsking(answers, asked, { isPaused, isForced }, ended.signal)).catch((error: unknown) => {
      if (!ended.signal.aborted) throw error;
    });
    return () => ended.abort();
  });

  return {
    get held() {
      return answers.held;
    },
    get failure() {
      return answers.failure;
    },
    get retryAtMs() {
      return answers.retryAtMs;
    },
    get isWaiting() {
      return answers.held === null || answers.held.path !== path;
    },
    put(data, receivedAtMs) {
      if (path !== null) answers.take({ data, path, askedAtMs: receivedAtMs, receivedAtMs });
    },
  };
}

/** What a section was answered, and how its tries go. */
class Answers<T> {
  held = $state.raw<Held<T> | null>(null);
  failure = $state.raw<Failure | null>(null);
  retryAtMs = $state<number | null>(null);
  /** Tries in a row without an answer. */
  failures = 0;

  take(answer: Held<T>): void {
    this.failures = 0;
    this.failure = null;
    this.retryAtMs = null;
    // What was put while this was asked for is newer.
    const isOvertaken = this.isHeld(answer) && this.held !== null && this.held.receivedAtMs > answer.askedAtMs;
    if (!isOvertaken) this.held = answer;
  }

  fail(failure: Failure): void {
    this.failures += 1;
    this.failure = failure;
  }

  /** Whether an answer to this question is held. */
  isHeld({ path }: { readonly path: string }): boolean {
    return this.held !== null && this.held.path === path;
  }

  /** Milliseconds until the question is asked again; without an end where one answer is enough. */
  dueInMs(what: Ask<T>): number {
    const { held } = this;
    if (held === null || held.askedAtMs < (what.afterMs ?? 0)) return 0;
    if (what.cadenceMs === null) return Number.POSITIVE_INFINITY;
    return Math.max(0, held.receivedAtMs + (what.delayMs?.(held.data) ?? what.cadenceMs) - Date.now());
  }

  /** What is put meanwhile makes it later. */
  async untilDue(what: Ask<T>, signal: AbortSignal): Promise<void> {
    for (let ms = this.dueInMs(what); ms > 0; ms = this.dueInMs(what)) await sleep(ms, signal);
  }
}

async function keepAsking<T>(
  answers: Answers<T>,
  what: Ask<T>,
  { isPaused, isForced }: { readonly isPaused: boolean; readonly isForced: boolean },
  signal: AbortSignal,
): Promise<void> {
  if (answers.isHeld(what) && !isForced) {
    if (isPaused || answers.dueInMs(what) === Number.POSITIVE_INFINITY) return;
    await answers.untilDue(what, signal);
  }
  for (answers.failures = 0; ; ) {
    const askedAtMs = Date.now();
    const answer = await request(what.path, what.schema, signal);
    signal.throwIfAborted();
    if ('failure' in answer) {
      answers.fail(answer.failure);
      const { kind } = answer.failure;
      if (kind === 'signedOut' || kind === 'forbidden') return bar(answer.failure);
      if (kind === 'refused') return;
      const delayMs = nextDelayMs(what.cadenceMs ?? 0, answers.failures);
      answers.retryAtMs = Date.now() + delayMs;
      await sleep(delayMs, signal);
    } else {
      answers.take({ data: answer.data, path: what.path, askedAtMs, receivedAtMs: Date.now() });
      if (isPaused || what.cadenceMs === null) return;
    }
    // Nothing failed, or what was put meanwhile is an answer too.
    if (answers.failures === 0) await answers.untilDue(what, signal);
  }
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      signal.removeEventListener('abort', stop);
      resolve();
    }
    function stop(): void {
      clearTimeout(timer);
      reject(signal.reason);
    }
    signal.addEventListener('abort', stop, { once: true });
  });
}
