import type { Item, Lane } from '../senders/lanes.ts';
import type { Sent } from './expected.ts';

/** Counts outside of the product: what was handed to a door, and what a door said yes to. */
export class Ledger {
  readonly #attempted = new Map<Item, Lane>();
  readonly #acknowledged = new Map<Item, Lane>();
  #failedAttempts = 0;

  attempt(lane: Lane, items: readonly Item[]): void {
    for (const item of items) this.#attempted.set(item, lane);
  }

  acknowledge(lane: Lane, items: readonly Item[]): void {
    for (const item of items) this.#acknowledged.set(item, lane);
  }

  fail(): void {
    this.#failedAttempts += 1;
  }

  get failedAttempts(): number {
    return this.#failedAttempts;
  }

  get acknowledgedCount(): number {
    return this.#acknowledged.size;
  }

  isAcknowledged(item: Item): boolean {
    return this.#acknowledged.has(item);
  }

  /** Copies: what is counted later does not change them. */
  get attempted(): readonly Sent[] {
    return [...this.#attempted].map(([item, lane]) => ({ lane, item }));
  }

  get acknowledged(): readonly Sent[] {
    return [...this.#acknowledged].map(([item, lane]) => ({ lane, item }));
  }
}

export const idsOf = (sent: readonly Sent[], signal: 'logs' | 'traces'): string[] =>
  sent.flatMap(({ item }) => (item.signal === signal ? [item.id] : [])).sort();
