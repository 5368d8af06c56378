import type { ServiceStatus } from '@command-center/contract/api/primitives';
import { silenceMs } from '@command-center/contract/retention';
import {
  type HealthCondition,
  type ProbeCondition,
  probeTarget,
  type ServiceDefinition,
} from '@command-center/contract/services';
import { rows as settingRows } from '@command-center/contract/settings/rows';
import { type ThresholdName, thresholds } from '@command-center/contract/thresholds';
import { signals } from './alerts.ts';
import type { ProbeResult } from './probes/probe.ts';
import type { LeaderSettings } from './settings.ts';
import type { Situation } from './situation.ts';

/** The services of contract.md §6, judged by what they report; pure. */

export interface Judgement {
  readonly status: ServiceStatus;
  readonly reason: string;
  /** False: nothing was ever heard of it, so it is left out of the verdict. */
  readonly isHeard: boolean;
}

/** The metrics that a service is judged by. */
export function judgedMetrics({ conditions }: ServiceDefinition): readonly string[] {
  return conditions.flatMap((condition) => {
    if (condition.type === 'moving') return [condition.metric, condition.whileAbove];
    return condition.type === 'fresh' || condition.type === 'aboveZero' ? [condition.metric] : [];
  });
}

/** What one condition says: `silent`, `unheard` and `red` are decided together with the service's probe. `quiet` is nothing against it, and nothing for it. */
type Finding =
  | { readonly type: 'well'; readonly words: string; readonly isProbe: boolean; readonly isHeard: boolean }
  | { readonly type: 'failed' | 'red' | 'silent' | 'unconfigured' | 'unheard'; readonly words: string }
  | { readonly type: 'quiet' };

/** What the probes of this round said, by `probeTarget`. */
export type ProbeResults = ReadonlyMap<string, ProbeResult>;

/**
 * A failed probe = down; an answer with a red or silent metric = degraded, one that was never reported included; silent without a probe = unknown;
 * red alone = degraded. Healthy only by evidence: what nothing speaks for is unknown.
 */
export function judgeService(
  service: ServiceDefinition,
  situation: Situation,
  settings: LeaderSettings,
  probed: ProbeResults,
): Judgement {
  const findings = service.conditions.map((condition) => find(condition, situation, settings, probed));
  const first = (type: Exclude<Finding['type'], 'quiet'>): string | undefined =>
    findings.flatMap((one) => (one.type === type ? [one.words] : []))[0];
  const answering = findings.flatMap((one) => (one.type === 'well' && one.isProbe ? [one] : []));
  const isHeard = findings.some(
    (one) =>
      one.type === 'failed' || one.type === 'red' || one.type === 'silent' || (one.type === 'well' && one.isHeard),
  );
  const said = (status: ServiceStatus, reason: string): Judgement => ({ status, reason, isHeard });

  const unconfigured = first('unconfigured');
  if (unconfigured !== undefined) return said('unconfigured', unconfigured);
  const failed = first('failed');
  if (failed !== undefined) return said('down', failed);
  const silent = first('silent');
  if (silent !== undefined) return said(answering.length > 0 ? 'degraded' : 'unknown', silent);
  const unheard = first('unheard');
  if (unheard !== undefined) return said(answering.some((one) => one.isHeard) ? 'degraded' : 'unknown', unheard);
  const red = first('red');
  if (red !== undefined) return said('degraded', red);
  const well = findings.filter((one) => one.type === 'well');
  if (well.length === 0) return said('unknown', 'nothing says that it is well');
  return said('healthy', well.map(({ words }) => words).join('; '));
}

function find(
  condition: HealthCondition,
  situation: Situation,
  settings: LeaderSettings,
  probed: ProbeResults,
): Finding {
  switch (condition.type) {
    case 'probe':
      return probe(condition, probed.get(probeTarget(condition)));
    case 'fresh':
      return fresh(condition.metric, situation.datumMs(condition.metric), situation.nowMs);
    case 'anyTelemetry':
      return anyTelemetry(situation, settings);
    case 'moving':
      return moving(condition, situation);
    case 'aboveZero':
      return aboveZero(condition, situation);
    case 'threshold':
      return notRed(condition.threshold, situation, settings);
  }
}

const quiet: Finding = { type: 'quiet' };

function probe(condition: ProbeCondition, result: ProbeResult | undefined): Finding {
  if (result !== undefined) {
    const { isAnswering, words } = result;
    return isAnswering ? { type: 'well', words, isProbe: true, isHeard: true } : { type: 'failed', words };
  }
  if (condition.isOptional) return quiet;
  // The product's own database has just answered; that alone says nothing of the watched platform, so it does not count as heard.
  if (condition.probe === 'postgres') return { type: 'well', words: 'SELECT 1 answers', isProbe: true, isHeard: false };
  return { type: 'unconfigured', words: `${settingRows[condition.setting].name} is not set` };
}

function moving({ metric, whileAbove }: Extract<HealthCondition, { type: 'moving' }>, { level }: Situation): Finding {
  const above = level(whileAbove);
  if (above === null || above <= 0) return quiet;
  if ((level(metric) ?? 0) <= 0) {
    return { type: 'red', words: `${metric} stands still while ${whileAbove} is ${above}` };
  }
  return { type: 'well', words: `${metric} rises`, isProbe: false, isHeard: true };
}

function aboveZero(condition: Extract<HealthCondition, { type: 'aboveZero' }>, situation: Situation): Finding {
  const level = situation.level(condition.metric, condition.labels);
  if (level === null) return quiet;
  if (level <= 0) return { type: 'red', words: emptyWords(condition) };
  return { type: 'well', words: filledWords(condition), isProbe: false, isHeard: true };
}

/** Without the number, so that a reason stays the same while it holds. */
function filledWords({ metric, labels }: Extract<HealthCondition, { type: 'aboveZero' }>): string {
  const values = Object.values(labels).join(' ');
  if (metric === 'db.client.connection.count') return `the pool has ${values} connections`;
  return values === '' ? `${metric} is above 0` : `${metric} of ${values} is above 0`;
}

function emptyWords({ metric, labels }: Extract<HealthCondition, { type: 'aboveZero' }>): string {
  const values = Object.values(labels).join(' ');
  if (metric === 'db.client.connection.count') return `no ${values} connections in the pool`;
  return values === '' ? `${metric} is 0` : `${metric} of ${values} is 0`;
}

function fresh(metric: string, datumMs: number | null, nowMs: number): Finding {
  if (datumMs === null) return { type: 'unheard', words: `${metric} was never reported` };
  if (nowMs - datumMs <= silenceMs)
    return { type: 'well', words: `${metric} is reported`, isProbe: false, isHeard: true };
  return { type: 'silent', words: `${metric} was last reported at ${minuteWords(datumMs)}` };
}

function anyTelemetry({ anyDatumMs, nowMs }: Situation, { collectorEndpoint }: LeaderSettings): Finding {
  // An endpoint may carry credentials; they are not for showing.
  const from = collectorEndpoint === undefined ? '' : ` from ${collectorEndpoint.replaceAll(/\/\/[^/@\s]*@/g, '//')}`;
  if (anyDatumMs === null) return { type: 'unheard', words: `no telemetry has come yet${from}` };
  if (nowMs - anyDatumMs <= silenceMs) {
    return { type: 'well', words: `telemetry comes${from}`, isProbe: false, isHeard: true };
  }
  return { type: 'silent', words: `the last telemetry${from} came at ${minuteWords(anyDatumMs)}` };
}

/** UTC, to the minute, so that a reason stays the same while it holds. */
function minuteWords(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function notRed(name: ThresholdName, situation: Situation, { thresholds: bounds }: LeaderSettings): Finding {
  const { signal, unit, isLowerWorse } = thresholds[name];
  const judged = signals(situation, bounds).filter(({ threshold, colour }) => threshold === name && colour !== null);
  const red = judged.find(({ colour }) => colour === 'red');
  if (red !== undefined) {
    const edge = `${isLowerWorse ? 'below' : 'above'} ${bounds[name].crit} ${unit}`;
    return { type: 'red', words: `${signal}, ${red.subject}: ${edge}` };
  }
  if (judged.length === 0) return quiet;
  return { type: 'well', words: `${signal} is not red`, isProbe: false, isHeard: true };
}
