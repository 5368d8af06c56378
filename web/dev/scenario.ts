/** The states of the console that are worth looking at. */
export const scenarios = [
  'ok',
  'degraded',
  'down',
  'few',
  'hostile',
  'empty',
  'collecting',
  'not-shown',
  'stale',
  'loading',
  'database-away',
  'signed-out',
  'forbidden',
] as const;
export type Scenario = (typeof scenarios)[number];

export function isScenario(name: string): name is Scenario {
  return scenarios.some((one) => one === name);
}

/** Nothing has been stored yet. */
export function isEmpty(scenario: Scenario): boolean {
  return scenario === 'empty' || scenario === 'collecting' || scenario === 'not-shown';
}

/** Numbers in [0, 1) that are the same for the same seed. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

export const minuteMs = 60_000;
