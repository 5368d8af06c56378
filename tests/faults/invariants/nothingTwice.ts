import { expectedWindows } from '../ledger/expected.ts';
import { idsOf } from '../ledger/ledger.ts';
import { noWindow, totalsOf } from '../ledger/windows.ts';
import { difference, type Invariant } from './invariant.ts';

/** At any moment: nothing is stored that was not sent, no record is there twice, and no increase exceeds what was sent. */
export const nothingTwice: Invariant = ({ attempted, stored }) => {
  const extra = (['logs', 'traces'] as const).flatMap((signal) =>
    difference(stored[signal], idsOf(attempted, signal)).map((id) => ({
      where: `${signal} ${id}`,
      expected: 'once',
      got: 'once more',
    })),
  );
  const most = totalsOf(expectedWindows(attempted));
  const tooMuch = [...totalsOf(stored.windows)].flatMap(([where, { sum, count }]) => {
    const { sum: mostSum, count: mostCount } = most.get(where) ?? noWindow;
    return sum <= mostSum && count <= mostCount
      ? []
      : [{ where, expected: { atMost: { sum: mostSum, count: mostCount } }, got: { sum, count } }];
  });
  return [...extra, ...tooMuch];
};
