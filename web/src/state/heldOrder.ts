import { type FeedRow, groupKey } from './liveErrors.ts';

export interface HeldRows {
  readonly rows: readonly FeedRow[];
  /** Groups that are newer than what is shown, and have no row yet. */
  readonly waiting: number;
}

/** The rows where they were, with what is known of them now, so that none moves away from under a pointer. Held null: as they are. */
export function inHeldOrder(rows: readonly FeedRow[], held: readonly FeedRow[] | null): HeldRows {
  if (held === null) return { rows, waiting: 0 };
  const now = new Map(rows.map((row) => [groupKey(row), row]));
  const kept = held.map((row) => now.get(groupKey(row)) ?? row);
  const shown = new Set(held.map(groupKey));
  return { rows: kept, waiting: rows.filter((row) => !shown.has(groupKey(row))).length };
}
