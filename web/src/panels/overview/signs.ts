import type { VitalSign } from '@command-center/contract/api/summary';
import { minRatioEvents } from '@command-center/contract/thresholds';
import { exact, percentileText, quantity } from '../../ui/numbers.ts';

export type SignName = 'latency' | 'traffic' | 'errors' | 'saturation';
export const signNames: readonly SignName[] = ['latency', 'traffic', 'errors', 'saturation'];

export const signTitles: Readonly<Record<SignName, string>> = {
  latency: 'Latency',
  traffic: 'Traffic',
  errors: 'Errors',
  saturation: 'Saturation',
};

/** The number of the card: `no requests` where nothing happened, a dash where nothing is known. */
export function valueText(sign: VitalSign): string {
  if (sign.value !== null) {
    return sign.quality === 'overflow'
      ? `>\u00a0${quantity(sign.lo ?? sign.value, sign.unit)}`
      : quantity(sign.value, sign.unit);
  }
  return !sign.unknown && sign.n === 0 ? 'no requests' : '–';
}

/** How exact the number is, for who asks. */
export function qualityText(sign: VitalSign): string | null {
  if (sign.value === null || sign.quality === null) return null;
  return percentileText({ value: sign.value, lo: sign.lo, hi: sign.hi, quality: sign.quality }, sign.unit);
}

/** What stands behind the number: the counts of a ratio, few samples, how long nothing was heard. */
export function noteText(sign: VitalSign, spanText: (ms: number) => string): string | null {
  if (sign.unknown)
    return sign.age_s === null ? 'nothing heard yet' : `unknown: silent for ${spanText(sign.age_s * 1_000)}`;
  if (sign.n === null || sign.n === 0) return null;
  if (sign.numerator !== null) {
    const counts = `${exact(sign.numerator)} of ${exact(sign.n)}`;
    return isTooFew(sign) ? `${counts}: too few for a colour (${minRatioEvents} needed)` : counts;
  }
  return `${exact(sign.n)} requests`;
}

/** A ratio of so few events that it takes no colour (contract.md §1). */
function isTooFew(sign: VitalSign): boolean {
  return sign.numerator !== null && sign.n !== null && sign.n < minRatioEvents;
}

/** `red > 1 s` near or past it, else `yellow from 200 ms`: the bound that the number meets next. */
export function thresholdText(sign: VitalSign): string | null {
  const { warn, crit } = sign.thresholds;
  if (isTooFew(sign)) return null;
  if (crit !== null && (sign.colour === 'yellow' || sign.colour === 'red')) return `red > ${quantity(crit, sign.unit)}`;
  return warn === null ? null : `yellow ≥ ${quantity(warn, sign.unit)}`;
}
