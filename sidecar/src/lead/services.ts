import type { ServiceStatus } from '@command-center/contract/api/primitives';
import { silenceMs } from '@command-center/contract/retention';
import type { HealthCondition, ServiceDefinition } from '@command-center/contract/services';
import { rows as settingRows } from '@command-center/contract/settings/rows';
import { coloured, thresholds } from '@command-center/contract/thresholds';
import { signals } from './alerts.ts';
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

/** What one condition says: `silent` and `red` are decided together with the service's probe. */
type Finding =
  | { readonly type: 'well'; readonly words: string; readonly isProbe: boolean; readonly isHeard: boolean }
  | { readonly type: 'red' | 'silent' | 'unconfigured' | 'unprobed' | 'unheard'; readonly words: string };

/** A failed probe = down; an answer with a red or silent metric = degraded; silent without a probe = unknown; red alone = degraded. */
export function judgeService(service: ServiceDefinition, situation: Situation, settings: LeaderSettings): Judgement {
  const findings = service.conditions.map((condition) => find(condition, situation, settings));
  const first = (type: Finding['type']): string | undefined => findings.find((one) => one.type === type)?.words;
  const isAnswering = findings.some((one) => one.type === 'well' && one.isProbe);
  const isHeard = findings.some(
    (one) => one.type === 'red' || one.type === 'silent' || (one.type === 'well' && one.isHeard),
  );
  const said = (status: ServiceStatus, reason: string): Judgement => ({ status, reason, isHeard });

  const unconfigured = first('unconfigured');
  if (unconfigured !== undefined) return said('unconfigured', unconfigured);
  const unprobed = first('unprobed');
  if (unprobed !== undefined) return said('unknown', unprobed);
  const silent = first('silent');
  if (silent !== undefined) return said(isAnswering ? 'degraded' : 'unknown', silent);
  const unheard = first('unheard');
  if (unheard !== undefined) return said('unknown', unheard);
  const red = first('red');
  if (red !== undefined) return said('degraded', red);
  const well = findings.map((one) => one.words).filter((words) => words !== '');
  return said('healthy', well.join('; '));
}

function find(condition: HealthCondition, situation: Situation, settings: LeaderSettings): Finding {
  switch (condition.type) {
    case 'probe':
      return probe(condition, settings);
    case 'fresh':
      return fresh(condition.metric, situation.datumMs(condition.metric), situation.nowMs);
    case 'anyTelemetry':
      return anyTelemetry(situation, settings);
    case 'moving': {
      const above = situation.level(condition.whileAbove);
      if (above === null || above <= 0) return quiet;
      const moved = situation.level(condition.metric) ?? 0;
      return moved > 0
        ? quiet
        : { type: 'red', words: `${condition.metric} stands still while ${condition.whileAbove} is ${above}` };
    }
    case 'aboveZero': {
      const level = situation.level(condition.metric, condition.labels);
      if (level === null || level > 0) return quiet;
      return { type: 'red', words: emptyWords(condition) };
    }
    case 'threshold':
      return notRed(condition.threshold, situation, settings);
  }
}

function emptyWords({ metric, labels }: Extract<HealthCondition, { type: 'aboveZero' }>): string {
  const values = Object.values(labels).join(' ');
  if (metric === 'db.client.connection.count') return `no ${values} connections in the pool`;
  return values === '' ? `${metric} is 0` : `${metric} of ${values} is 0`;
}

/** Nothing against it, and nothing to say. */
const quiet: Finding = { type: 'well', words: '', isProbe: false, isHeard: false };

function probe(condition: Extract<HealthCondition, { type: 'probe' }>, settings: LeaderSettings): Finding {
  const variable = settingRows[condition.setting].name;
  if (settings.given.includes(condition.setting)) {
    return { type: 'unprobed', words: `not probed: this version does not use ${variable} yet` };
  }
  if (condition.isOptional) return quiet;
  // The product's own database has just answered; that alone says nothing of the watched platform, so it does not count as heard.
  if (condition.probe === 'postgres') return { type: 'well', words: 'SELECT 1 answers', isProbe: true, isHeard: false };
  return { type: 'unconfigured', words: `${variable} is not set` };
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

function notRed(name: keyof typeof thresholds, situation: Situation, { thresholds: bounds }: LeaderSettings): Finding {
  const red = signals(situation).find(
    ({ threshold, value, events }) => threshold === name && coloured(bounds, threshold, value, events) === 'red',
  );
  if (red === undefined) return quiet;
  return { type: 'red', words: `${thresholds[name].signal}, ${red.subject}: above ${bounds[name].crit} %` };
}
