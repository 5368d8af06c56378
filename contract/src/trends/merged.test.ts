import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  columnsOf,
  type MergedWindow,
  mergedColumns,
  mergedNumbers,
  minutesOf,
  numbersOf,
  windowOf,
} from './merged.ts';

const hourMs = Date.UTC(2026, 10, 26, 12);
const number = fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Object.is(value, -0));
const ranked = fc.record({
  value: number,
  low: fc.integer({ min: -2_561, max: 2_562 }),
  high: fc.integer({ min: -2_561, max: 2_562 }),
});
const minute: fc.Arbitrary<Omit<MergedWindow, 'startMs'>> = fc.record({
  count: fc.option(fc.nat(), { nil: undefined }),
  sum: fc.option(number, { nil: undefined }),
  value: fc.option(number, { nil: undefined }),
  min: fc.option(number, { nil: undefined }),
  max: fc.option(number, { nil: undefined }),
  percentiles: fc.oneof(fc.constant([]), fc.tuple(ranked, ranked, ranked)),
});

/** Null and left out say the same: there is no such number. */
const plain = (window: MergedWindow) => ({ ...numbersOf(window), startMs: window.startMs });

describe('merged windows come back from JSON as they were, to the last bit', () => {
  test('the minutes of an hour, gaps included', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 59 }), minute), { selector: ([at]) => at }),
        (minutes) => {
          const windows = minutes.map(([at, one]) => ({ ...one, startMs: hourMs + at * 60_000 }));
          const columns = mergedColumns.parse(JSON.parse(JSON.stringify(columnsOf(windows, hourMs))));
          expect(minutesOf(columns, hourMs).map(plain)).toEqual(windows.map(plain));
        },
      ),
    );
  });

  test('an hour', () => {
    fc.assert(
      fc.property(minute, (one) => {
        const numbers = mergedNumbers.parse(JSON.parse(JSON.stringify(numbersOf({ ...one, startMs: hourMs }))));
        expect(plain(windowOf((name) => numbers[name], hourMs))).toEqual(plain({ ...one, startMs: hourMs }));
      }),
    );
  });
});
