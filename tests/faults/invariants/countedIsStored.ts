import type { Invariant } from './invariant.ts';

/** At any moment: intake counts as stored exactly the log records and spans that are there, since both are written in one transaction. */
export const countedIsStored: Invariant = ({ stored }) =>
  (['logs', 'traces'] as const).flatMap((signal) =>
    stored.counted[signal] === stored[signal].length
      ? []
      : [{ where: `telemetry_intake, ${signal}`, expected: stored[signal].length, got: stored.counted[signal] }],
  );
