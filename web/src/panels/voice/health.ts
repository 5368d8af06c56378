import type { Colour } from '@command-center/contract/api/primitives';
import type { VoiceSummary } from '@command-center/contract/api/voice';
import { minRatioEvents } from '@command-center/contract/thresholds';
import { exact, percentileText, quantity } from '../../ui/numbers.ts';
import { roughSpanText } from '../../ui/times.ts';

export type HealthPart = VoiceSummary['health']['parts'][number];
type Joins = VoiceSummary['join_success_24h'];
type Level = VoiceSummary['sessions'];

/** What the score is made of (contract.md §4): what each part is called, what it counts, and the metric that fills it. */
export const partNames: Readonly<
  Record<HealthPart['id'], { readonly name: string; readonly noun: string; readonly metric: string }>
> = {
  join_success: { name: 'Join success', noun: 'joins', metric: 'kaiku_voice_joins_total' },
  packet_loss: { name: 'Packet loss p95', noun: 'reports', metric: 'kaiku_voice_packet_loss_ratio' },
  jitter: { name: 'Jitter p95', noun: 'reports', metric: 'kaiku_voice_jitter_ms' },
  crashes: { name: 'Crashed sessions', noun: 'sessions ended', metric: 'kaiku_voice_session_crashes_total' },
};

/** Rounded down to a tenth, so that 100 is nothing lost. */
export function scoreText(score: number | null): string {
  return score === null ? 'not known' : quantity(Math.floor(score * 10 + 1e-9) / 10, '');
}

export function partValueText({ value, lo, hi, quality, unit }: HealthPart): string {
  return value === null ? 'no data' : percentileText({ value, lo, hi, quality }, unit);
}

export function partPointsText({ points, weight }: HealthPart): string {
  if (points === null || weight === null) return 'left out';
  return `${scoreText(points)} of ${quantity(weight, '')}`;
}

const order: readonly Colour[] = ['red', 'yellow', 'green'];

/**
 * The part that the score's mark is of: the one of the worst colour, and of several the one that lost most points. No colour is defined for the score
 * itself. Null where no part has one.
 */
export function worstPart(parts: readonly HealthPart[]): HealthPart | null {
  const lost = ({ weight, points }: HealthPart): number => (weight ?? 0) - (points ?? 0);
  const judged = parts.filter(({ colour }) => colour !== null);
  const sorted = judged.sort((a, b) => order.indexOf(a.colour) - order.indexOf(b.colour) || lost(b) - lost(a));
  return sorted[0] ?? null;
}

/** The counts behind a join success, and why it has no colour where they are few. */
export function joinsText({ n, numerator }: Pick<Joins, 'n' | 'numerator'>): string {
  if (n === 0) return 'none was reported';
  const counts = `${exact(numerator)} of ${exact(n)}`;
  return n < minRatioEvents ? `${counts}: too few for a colour (${minRatioEvents} needed)` : counts;
}

/** Why there is no reading; empty where there is one. */
export function silenceText({ value, age_s }: Level): string {
  if (value !== null) return '';
  return age_s === null ? 'nothing heard in the last hour' : `silent for ${roughSpanText(age_s * 1_000)}`;
}
