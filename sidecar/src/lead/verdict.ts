import type { StoredSummary, VitalSign } from '@command-center/contract/api/summary';
import { type ServiceDefinition, services } from '@command-center/contract/services';
import { isTooCoarse } from '@command-center/contract/thresholds';
import type { Standing } from './transitions.ts';

/** The one sentence above everything (contract.md §6); pure. */

export type Verdict = StoredSummary['verdict'];
type Signs = StoredSummary['vital_signs'];

interface Cause {
  readonly status: Verdict['status'];
  readonly reason: string;
  /** A yellow sign, or one that cannot be judged: it changes no status, and yet is what to say while all else is well. */
  readonly isWarning?: boolean;
}

const order = ['ok', 'unknown', 'degraded', 'down'] as const;

/** What the verdict is made of. */
export interface Findings {
  readonly signs: Signs;
  readonly standings: readonly Standing[];
  readonly alerts: StoredSummary['alerts'];
}

/**
 * The worst of all that was ever heard, Down > Degraded > Unknown > OK, with its first cause: services before signs before alerts, in the order of
 * the page. What is red is Degraded; what is yellow is OK that says so, and so is a sign whose buckets are too coarse to tell. Nothing heard at all is
 * Unknown. Source: docs/adr/0024-the-verdict-knows-every-red-signal.md.
 */
export function verdictOf(
  { signs, standings, alerts }: Findings,
  previous: Verdict | undefined,
  nowMs: number,
  list: readonly ServiceDefinition[] = services,
): Verdict {
  const nameOf = (id: string): string => list.find((service) => service.id === id)?.name ?? id;
  const causes = [
    ...standings.flatMap((each) => causeOfService(each, nameOf(each.id))),
    ...causesOfSigns(signs),
    ...alerts.map(causeOfAlert),
  ];
  const worst = causes.reduce<Cause | undefined>(
    (found, cause) => (found === undefined || weightOf(cause) > weightOf(found) ? cause : found),
    undefined,
  );
  const { status, reason } = worst ?? { status: 'unknown', reason: 'Nothing has been heard yet' };
  const since = previous?.status === status ? previous.since : null;
  return { status, reason, since: since ?? new Date(nowMs).toISOString() };
}

function weightOf({ status, isWarning }: Cause): number {
  return order.indexOf(status) * 2 + (isWarning === true ? 1 : 0);
}

function causeOfService({ status, reason, isHeard }: Standing, name: string): Cause[] {
  const words = `${name}: ${reason}`;
  if (status === 'down' || status === 'degraded') return [{ status, reason: words }];
  if (!isHeard || status === 'unconfigured') return [];
  return status === 'unknown' ? [{ status, reason: words }] : [{ status: 'ok', reason: 'All that is heard is well' }];
}

function causesOfSigns({ latency, traffic, errors, saturation }: Signs): Cause[] {
  return [
    causeOfSign('Latency', latency),
    causeOfSign('Traffic', traffic),
    causeOfSign('Errors', errors),
    causeOfSign('Saturation', saturation),
  ].filter((cause) => cause !== undefined);
}

function causeOfAlert({ signal, subject, value, unit, colour, threshold }: StoredSummary['alerts'][number]): Cause {
  const isLowerWorse = colour === 'red' ? value < threshold : value <= threshold;
  const plain = unit.startsWith('{') ? '' : ` ${unit}`;
  const reading = `${signal}: ${rounded(value)}${plain}`;
  if (colour === 'red') {
    const side = isLowerWorse ? 'below' : 'above';
    return { status: 'degraded', reason: `${reading} (red ${side} ${threshold}${plain}), ${subject}` };
  }
  const side = isLowerWorse && value !== threshold ? 'up to' : 'from';
  return { status: 'ok', reason: `${reading} (yellow ${side} ${threshold}${plain}), ${subject}`, isWarning: true };
}

function causeOfSign(name: string, sign: VitalSign): Cause | undefined {
  if (sign.age_s === null) return undefined;
  if (sign.unknown) return { status: 'unknown', reason: `${name}: nothing heard for over 3 minutes` };
  const { colour, thresholds, unit, subject } = sign;
  const reading = `${name} is ${rounded(sign.value ?? 0)} ${unit}`;
  if (colour === 'red')
    return { status: 'degraded', reason: `${reading} (red above ${thresholds.crit} ${unit}), ${subject}` };
  if (isUnjudged(sign)) return { status: 'ok', reason: `${name} cannot be judged: ${subject}`, isWarning: true };
  if (colour !== 'yellow') return { status: 'ok', reason: 'All that is heard is well' };
  return { status: 'ok', reason: `${reading} (yellow from ${thresholds.warn} ${unit}), ${subject}`, isWarning: true };
}

/** Of a percentile that may be green as well as red. */
function isUnjudged({ value, lo, hi, thresholds: { warn, crit } }: VitalSign): boolean {
  if (value === null || lo === null || warn === null || crit === null) return false;
  return isTooCoarse({ warn, crit, isLowerWorse: false }, { value, lo, hi });
}

/** Three digits that matter. */
function rounded(value: number): string {
  return String(Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3)));
}
