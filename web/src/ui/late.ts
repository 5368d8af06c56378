type Load<T> = () => Promise<T>;

const loads: Load<unknown>[] = [];

/** After the first screen, where a browser does not say that it is idle. */
const WITHOUT_IDLE_MS = 2_000;

/** A part of the console that the first screen does not show: it is loaded when it is shown, or before by `loadWhenIdle`. Use it at the top of a module. */
export function late<T>(load: Load<T>): Load<T> {
  loads.push(load);
  return load;
}

/**
 * Loads every late part once nothing else is to be done, at most 5 s from now, so that it opens at once, also when the server has gone by then.
 * Answers what calls that off.
 */
export function loadWhenIdle(): () => void {
  const loadAll = (): void => {
    for (const load of loads) load().catch(() => undefined);
  };
  // Safari has no such callback.
  if (typeof requestIdleCallback === 'undefined') {
    const timer = setTimeout(loadAll, WITHOUT_IDLE_MS);
    return () => clearTimeout(timer);
  }
  const idle = requestIdleCallback(loadAll, { timeout: 5_000 });
  return () => cancelIdleCallback(idle);
}
