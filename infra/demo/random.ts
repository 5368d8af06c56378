/** Everything random in demo and fault tests comes from one seeded generator, so that a run can be replayed. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** An integer, both ends included. */
  integer(low: number, high: number): number;
  pick<T>(items: readonly [T, ...T[]]): T;
  chance(probability: number): boolean;
  /** Log-normal, as durations are: half of the values lie below the median; `spread` is the standard deviation of the logarithm. */
  logNormal(median: number, spread: number): number;
  /** How many events happen where `mean` are expected. */
  poisson(mean: number): number;
  hex(characters: number): string;
}

/** Past this mean the normal approximation serves, and the loop below stays short. */
const LARGEST_EXACT_MEAN = 30;

/** mulberry32: 32 bits of state, the same sequence for the same seed on every machine. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  // Box-Muller; 1 - x keeps the logarithm's argument above zero.
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  const integer = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1));
  return {
    next,
    integer,
    pick: (items) => items[integer(0, items.length - 1)] ?? items[0],
    chance: (probability) => next() < probability,
    logNormal: (median, spread) => median * Math.exp(spread * normal()),
    poisson: (mean) => {
      if (mean > LARGEST_EXACT_MEAN) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal()));
      const limit = Math.exp(-mean);
      let events = 0;
      for (let product = next(); product > limit; product *= next()) events += 1;
      return events;
    },
    hex: (characters) => Array.from({ length: characters }, () => integer(0, 15).toString(16)).join(''),
  };
}
