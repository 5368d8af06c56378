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
}

export interface Held<T> {
  readonly data: T;
  /** What was asked; not the question of now while a new one is on its way. */
  readonly path: string;
  readonly receivedAtMs: number;
}

export interface Polled<T> {
  readonly held: Held<T> | null;
  /** Of the newest try; null after a success. */
  readonly failure: Failure | null;
  readonly retryAtMs: number | null;
  /** True while nothing that answers the question of now is held. */
  readonly isWaiting: boolean;
}

/**
 * Asks at once, then at its cadence: not while the page is hidden, and only once while paused. Call it while a component is made; it ends with
 * the component. `ask` is reactive, null asks nothing.
 */
export function poll<T>(ask: () => Ask<T> | null): Polled<T> {
  let held = $state.raw<Held<T> | null>(null);
  let failure = $state.raw<Failure | null>(null);
  let retryAtMs = $state<number | null>(null);
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
      if (isPaused || what.cadenceMs === null) return;
      await sleep(dueInMs(what), signal);
    }
    for (let failures = 0; ; ) {
      const answer = await request(what.path, what.schema, signal);
      signal.throwIfAborted();
      if ('failure' in answer) {
        failures += 1;
        failure = answer.failure;
        if (failure.kind === 'signedOut' || failure.kind === 'forbidden') return bar(failure);
        if (failure.kind === 'refused') return;
      } else {
        failures = 0;
        failure = null;
        held = { data: answer.data, path: what.path, receivedAtMs: Date.now() };
      }
      if (failures === 0 && (isPaused || what.cadenceMs === null)) return;
      const delayMs = failures > 0 ? nextDelayMs(what.cadenceMs ?? 0, failures) : dueInMs(what);
      retryAtMs = failures > 0 ? Date.now() + delayMs : null;
      await sleep(delayMs, signal);
    }
  }

  function dueInMs(what: Ask<T>): number {
    if (held === null || what.cadenceMs === null) return 0;
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
