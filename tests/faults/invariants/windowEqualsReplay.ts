import { isDeepStrictEqual } from 'node:util';
import { expectedWindows, type Sent } from '../ledger/expected.ts';
import { idsOf } from '../ledger/ledger.ts';
import { coarsened, serviceOf, totalsOf, type WindowSum, type Windows } from '../ledger/windows.ts';
import type { Invariant, Violation } from './invariant.ts';

/**
 * Once everything is acknowledged: to the unit what an undisturbed run makes of it, no bucket off by one. Minute by minute for what came in the
 * order of its time, and over the whole run for the rest: a late point of a cumulative stream is absorbed by the next (OTLP conformance 11).
 */
export const windowEqualsReplay: Invariant = ({ acknowledged, stored }) => {
  const expected = coarsened(expectedWindows(acknowledged), stored.minuteSketchesFromMs);
  const got = coarsened(stored.windows, stored.minuteSketchesFromMs);
  const reordered = new Set(acknowledged.filter(isReordered).map(({ lane }) => lane.service));
  const inOrder = (windows: Windows): Windows =>
    new Map([...windows].filter(([key]) => !reordered.has(serviceOf(key))));
  return [
    ...differences(totalsOf(expected), totalsOf(got)),
    ...differences(inOrder(expected), inOrder(got)),
    ...(['logs', 'traces'] as const).flatMap((signal) => {
      const ids = { expected: idsOf(acknowledged, signal), got: stored[signal] };
      return isDeepStrictEqual(ids.expected, ids.got)
        ? []
        : [{ where: signal, expected: ids.expected.length, got: ids.got.length }];
    }),
  ];
};

const isReordered = ({ lane }: Sent): boolean => lane.signal === 'metrics' && lane.arrival !== 'inOrder';

function differences(expected: Windows, got: Windows): Violation[] {
  const keys = new Set([...expected.keys(), ...got.keys()]);
  return [...keys].sort().flatMap((where) => {
    const each = { where, expected: shown(expected.get(where)), got: shown(got.get(where)) };
    return isDeepStrictEqual(each.expected, each.got) ? [] : [each];
  });
}

function shown(window: WindowSum | undefined): object | undefined {
  if (window === undefined) return undefined;
  const { spans, ...numbers } = window;
  return { ...numbers, spans: JSON.stringify(spans) };
}
