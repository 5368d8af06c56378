import type { Invariant } from './invariant.ts';

/** At any moment: a writer's window is open or a sample, never both (design §4), so that no reader adds it twice. */
export const windowInOnePlace: Invariant = ({ stored }) =>
  stored.doubleWindows === 0
    ? []
    : [{ where: 'telemetry_open_windows, telemetry_metric_samples', expected: 0, got: stored.doubleWindows }];
