import type { Config } from '@command-center/contract/api/config';
import { quantity } from '../ui/numbers.ts';

/** A bound that is drawn as a line. */
export interface Threshold {
  /** In the chart's unit. */
  readonly value: number;
  /** A colour of the tokens. */
  readonly colour: string;
  readonly label: string;
}

/** Both bounds of a threshold (contract.md §5), by its name without `WARN` and `CRIT`; [] until the configuration is known. `factor` turns its unit into the chart's. */
export function thresholdsOf(config: Config | null, name: string, unit: string, factor = 1): readonly Threshold[] {
  const found = config?.thresholds.find((one) => one.name === name);
  if (found === undefined) return [];
  const bound = (value: number, colour: string, word: string): Threshold => ({
    value: value * factor,
    colour,
    label: `${word} ${quantity(value * factor, unit)}`,
  });
  return [bound(found.warn, 'var(--degraded)', 'yellow'), bound(found.crit, 'var(--down)', 'red')];
}

/** Both bounds in words: `yellow 200 ms, red 1 s`. */
export function thresholdWords(config: Config | null, name: string, unit: string, factor = 1): string {
  return thresholdsOf(config, name, unit, factor)
    .map(({ label }) => label)
    .join(', ');
}
