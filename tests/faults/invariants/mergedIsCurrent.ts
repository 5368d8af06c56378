import type { Invariant } from './invariant.ts';

/** At any time: what readers take as merged over all series (docs/adr/0015) is what the series have, late parts included. */
export const mergedIsCurrent: Invariant = ({ stored }) =>
  stored.staleMergedHours === 0
    ? []
    : [{ where: 'telemetry_merged_hours, hours of a metric', expected: 0, got: stored.staleMergedHours }];
