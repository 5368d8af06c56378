import type { Sent } from '../ledger/expected.ts';
import type { Stored } from '../ledger/stored.ts';

/** What a checker may look at. The ledger's copies were made so that they frame what was read: `acknowledged` before, `attempted` after. */
export interface Evidence {
  readonly acknowledged: readonly Sent[];
  readonly attempted: readonly Sent[];
  readonly stored: Stored;
}

export interface Violation {
  readonly where: string;
  readonly expected: unknown;
  readonly got: unknown;
}

/** Empty = the promise was kept. */
export type Invariant = (evidence: Evidence) => Violation[];

/** Ids that stand more often, or less often, in one list than in the other. */
export function difference(ids: readonly string[], others: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const id of others) left.set(id, (left.get(id) ?? 0) + 1);
  return ids.filter((id) => {
    const count = left.get(id) ?? 0;
    left.set(id, count - 1);
    return count <= 0;
  });
}
