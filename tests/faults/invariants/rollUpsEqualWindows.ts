import type { Invariant } from './invariant.ts';

/** Once every hour is rolled up: each hour and each day of an increasing metric adds up to its minutes, also where late data, crashes and moves met the roll-up. */
export const rollUpsEqualWindows: Invariant = ({ stored }) =>
  stored.unequalRollUps === 0
    ? []
    : [{ where: 'telemetry_trend_rollups, hours and days of a series', expected: 0, got: stored.unequalRollUps }];
