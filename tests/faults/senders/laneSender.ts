import type { Random } from '@command-center/infra/demo/random';
import type { Ledger } from '../ledger/ledger.ts';
import type { Item, Lane } from './lanes.ts';

/** Records that go to a door together. */
export interface Request {
  readonly lane: Lane;
  readonly items: readonly Item[];
  readonly isJson: boolean;
}

/** Steps of a reordered lane that are under way at once. */
const OPEN_STEPS = 3;
/** Records of a request, in steps. */
const MAX_STEPS_PER_REQUEST = 3;
const MAX_CUTS = 3;
const MAX_LATE_STEPS = 4;

/**
 * Sends a lane as an SDK or a collector's queue does: what is not acknowledged is tried again, cut at another place between two points, in either
 * encoding, now and then together with what was acknowledged long ago.
 */
export class LaneSender {
  readonly lane: Lane;
  readonly #random: Random;
  readonly #ledger: Ledger;
  /** In the order in which they are taken up. */
  readonly #steps: readonly (readonly Item[])[];

  constructor(lane: Lane, random: Random, ledger: Ledger) {
    this.lane = lane;
    this.#random = random;
    this.#ledger = ledger;
    this.#steps = lane.arrival === 'late' ? lateLast(lane.steps, random) : lane.steps;
  }

  /** What to send now; none = everything is acknowledged. */
  next(): Request[] {
    const pending = this.#steps
      .map((step) => step.filter((item) => !this.#ledger.isAcknowledged(item)))
      .filter((step) => step.length > 0);
    const [first] = pending;
    if (first === undefined) return [];
    if (this.lane.arrival === 'inOrder') {
      const most = this.#random.integer(1, MAX_STEPS_PER_REQUEST * first.length);
      return [this.#request(pending.flat().slice(0, most))];
    }
    const items = shuffled(pending.slice(0, OPEN_STEPS).flat(), this.#random);
    const size = Math.ceil(items.length / this.#random.integer(1, MAX_CUTS));
    return Array.from({ length: Math.ceil(items.length / size) }, (_, cut) =>
      this.#request(items.slice(cut * size, (cut + 1) * size)),
    ).filter((_, cut) => cut === 0 || this.#random.chance(0.8));
  }

  #request(items: readonly Item[]): Request {
    const again = this.#random.chance(0.15) ? this.#acknowledgedBefore() : [];
    const isJson = this.#random.chance(0.5);
    return { lane: this.lane, items: this.#random.chance(0.5) ? [...again, ...items] : [...items, ...again], isJson };
  }

  #acknowledgedBefore(): Item[] {
    const all = this.lane.steps.flat().filter((item) => this.#ledger.isAcknowledged(item));
    return shuffled(all, this.#random).slice(0, this.#random.integer(0, 20));
  }
}

function lateLast(steps: Lane['steps'], random: Random): Lane['steps'] {
  const late = new Set(
    Array.from({ length: random.integer(1, MAX_LATE_STEPS) }, () => random.integer(0, steps.length - 1)),
  );
  return [...steps.filter((_, index) => !late.has(index)), ...steps.filter((_, index) => late.has(index))];
}

export function shuffled<T>(items: readonly T[], random: Random): T[] {
  return items
    .map((item) => ({ item, rank: random.next() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ item }) => item);
}
