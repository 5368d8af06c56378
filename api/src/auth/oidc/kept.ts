export interface KeptBounds {
  /** Milliseconds for which it is taken without asking. */
  readonly freshMs: number;
  /** Milliseconds after a load in which `another` loads no more. */
  readonly pauseMs: number;
  /** Milliseconds after a failure in which it is not tried again. */
  readonly retryMs: number;
  /** Whether an old one is better than none while it cannot be loaded. */
  readonly mayBeStale: boolean;
}

/**
 * Something of the identity provider that is kept for a while. What `load` throws is thrown. Requests share values, never promises: on Workers a
 * request may not wait for what another one asked for.
 */
export interface Kept<T> {
  read(): Promise<T>;
  /** Another one than `seen`: loaded meanwhile, or now. `seen` itself soon after it was loaded. */
  another(seen: T): Promise<T>;
}

/** `now` in milliseconds. */
export function keep<T extends object>(load: () => Promise<T>, bounds: KeptBounds, now: () => number): Kept<T> {
  let held: { readonly value: T; readonly atMs: number } | undefined;
  let failure: { readonly error: unknown; readonly atMs: number } | undefined;
  const renew = async (): Promise<T> => {
    if (failure !== undefined && now() - failure.atMs < bounds.retryMs) throw failure.error;
    try {
      const value = await load();
      held = { value, atMs: now() };
      failure = undefined;
      return value;
    } catch (error) {
      failure = { error, atMs: now() };
      throw error;
    }
  };
  return {
    async read() {
      if (held !== undefined && now() - held.atMs < bounds.freshMs) return held.value;
      try {
        return await renew();
      } catch (error) {
        if (held !== undefined && bounds.mayBeStale) return held.value;
        throw error;
      }
    },
    async another(seen) {
      if (held !== undefined && held.value !== seen) return held.value;
      if (held !== undefined && now() - held.atMs < bounds.pauseMs) return seen;
      return renew();
    },
  };
}
