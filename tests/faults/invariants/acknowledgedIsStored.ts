import { expectedWindows } from '../ledger/expected.ts';
import { idsOf } from '../ledger/ledger.ts';
import { noWindow, totalsOf } from '../ledger/windows.ts';
import { difference, type Invariant } from './invariant.ts';

/** At any moment: what a sender was told to be stored is in Postgres. Counters and histograms never fall, so they hold at least that much. */
export const acknowledgedIsStored: Invariant = ({ acknowledged, stored }) => {
  const lost = (['logs', 'traces'] as const).flatMap((signal) =>
    difference(idsOf(acknowledged, signal), stored[signal]).map((id) => ({
      where: `${signal} ${id}`,
      expected: 'stored',
      got: 'missing',
    })),
  );
  const totals = totalsOf(stored.windows);
  const short = [...totalsOf(expectedWindows(acknowledged))].flatMap(([where, { sum, count }]) => {
    const got = totals.get(where) ?? noWindow;
    return got.sum >= sum && got.count >= count
      ? []
      : [{ where, expected: { atLeast: { sum, count } }, got: { sum: got.sum, count: got.count } }];
  });
  return [...lost, ...short];
};
