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
  let held = $state.raw<Held<T> | null>(null);
  let failure = $state.raw<Failure | null>(null);
  let retryAtMs = $state<number | null>(null);
  /** Tries in a row without an answer. */
  let failures = 0;
  const asked = $derived(ask());
  const path = $derived(asked?.path ?? null);

  $effect(() => {
    void path;
    const isPaused = view.now.isPaused;
    const refresh = page.refreshes;
    if (asked === null || !page.isVisible || page.barred !== null) return undefined;
    const ended = new AbortController();
    untrack(() => run(asked, isPaused, refresh, ended.signal)).catch((error: unknown) => {
      if (!ended.signal.aborted) throw error;
    });
    return () => ended.abort();
  });

  let lastRefresh = untrack(() => page.refreshes);
  async function run(what: Ask<T>, isPaused: boolean, refresh: number, signal: AbortSignal): Promise<void> {
    const isForced = refresh !== lastRefresh;
    lastRefresh = refresh;
    const isAnswered = held !== null && held.path === what.path;
    if (isAnswered && !isForced) {
      if (isPaused || (what.cadenceMs === null && dueInMs(what) > 0)) return;
      await untilDue(what, signal);
    }
    for (failures = 0; ; ) {
      const askedAtMs = Date.now();
      const answer = await request(what.path, what.schema, signal);
      signal.throwIfAborted();
      if ('failure' in answer) {
        failures += 1;
        failure = answer.failure;
        if (failure.kind === 'signedOut' || failure.kind === 'forbidden') return bar(failure);
        if (failure.kind === 'refused') return;
      } else {
        // What was put since is newer.
        const isOvertaken = held !== null && held.path === what.path && held.receivedAtMs > askedAtMs;
        if (!isOvertaken) held = { data: answer.data, path: what.path, askedAtMs, receivedAtMs: Date.now() };
        recover();
      }
      if (failures === 0 && (isPaused || what.cadenceMs === null)) return;
      if (failures > 0) {
        const delayMs = nextDelayMs(what.cadenceMs ?? 0, failures);
        retryAtMs = Date.now() + delayMs;
        await sleep(delayMs, signal);
      }
      // What was put meanwhile is an answer too.
      if (failures === 0) await untilDue(what, signal);
    }
  }

  function recover(): void {
    failures = 0;
    failure = null;
    retryAtMs = null;
  }

  async function untilDue(what: Ask<T>, signal: AbortSignal): Promise<void> {
    for (let ms = dueInMs(what); ms > 0; ms = dueInMs(what)) await sleep(ms, signal);
  }

  function dueInMs(what: Ask<T>): number {
    if (held === null || held.askedAtMs < (what.afterMs ?? 0)) return 0;
    if (what.cadenceMs === null) return Number.POSITIVE_INFINITY;
    const delayMs = what.delayMs?.(held.data) ?? what.cadenceMs;
    return Math.max(0, held.receivedAtMs + delayMs - Date.now());
  }

  return {
    get held() {
      return held;
    },
    get failure() {
      return failure;
    },
    get retryAtMs() {
      return retryAtMs;
    },
    get isWaiting() {
      return held === null || held.path !== path;
    },
    put(data, receivedAtMs) {
      if (path === null) return;
      held = { data, path, askedAtMs: receivedAtMs, receivedAtMs };
      recover();
    },
  };
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
