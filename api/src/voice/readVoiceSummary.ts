import type { VoiceSummary } from '@command-center/contract/api/voice';
import type { Settings } from '@command-center/contract/settings/settings';
import { type Percentile, scaled } from '@command-center/contract/sketch/percentile';
import { coloured, colouredPercentile } from '@command-center/contract/thresholds';
import { voiceHealthHours, voiceHealthOf } from '@command-center/contract/voiceHealth';
import type { TransactionSql } from 'postgres';
import { type HourOfLevels, readHourOfLevels, sparklineOf } from '../levels/readLevels.ts';
import type { LabelledSeries } from '../queries/labelledSeries.ts';
import { periodOf } from '../requests/window.ts';
import { coverageOf } from '../totals/coverage.ts';
import { type Members, membersBy } from '../totals/members.ts';
import { percentilesOf, readProgress, readTotals, type Total } from '../totals/readTotals.ts';
import { readSeries, type TooManySeries } from '../totals/series.ts';
import { joined, outcomeLabel, voiceMetrics } from './metrics.ts';

type Bounds = Settings['thresholds'];
type HealthPart = VoiceSummary['health']['parts'][number];

const hourMs = 3_600_000;
const { sessions, rooms, joins, packetLoss, jitter, duration, crashes } = voiceMetrics;
const names = [sessions, rooms, joins, packetLoss, jitter, duration, crashes];

/** How voice is doing now, and was over the last day. */
export async function readVoiceSummary(
  tx: TransactionSql,
  nowMs: number,
  bounds: Bounds,
): Promise<VoiceSummary | TooManySeries> {
  const day = coverageOf({ fromMs: nowMs - voiceHealthHours * hourMs, toMs: nowMs }, nowMs);
  const hour = { fromMs: nowMs - hourMs, toMs: nowMs };
  const [series, progress] = await Promise.all([readSeries(tx, names, {}), readProgress(tx, names, day, nowMs)]);
  if ('refusal' in series) return series;
  const gauges = membersBy(series.found, nameIn([sessions, rooms]));
  const counters = membersBy(series.found, countedAs);
  const joinsAlone = membersBy(series.found, (one) => (one.metric_name === joins ? countedAs(one) : undefined));
  const histograms = membersBy(series.found, nameIn([packetLoss, jitter, duration]));
  const [levels, counted, lastHour, measured] = await Promise.all([
    readHourOfLevels(tx, gauges, gauges.keys.length + 1, nowMs),
    readTotals(tx, 'counter', counters, day, progress),
    readTotals(tx, 'counter', joinsAlone, hour, progress),
    readTotals(tx, 'histogram', histograms, day, progress),
  ]);
  // A position beyond the members has the level of a gauge that nobody reports.
  const silent = levels[gauges.keys.length];
  const levelOf = (name: string) => levels[gauges.keys.indexOf(name)] ?? silent;
  const [sessionsNow, roomsNow] = [levelOf(sessions), levelOf(rooms)];
  if (sessionsNow === undefined || roomsNow === undefined) throw new Error('readHourOfLevels answers a level a member');
  return {
    now: new Date(nowMs).toISOString(),
    sessions: presentLevel(sessionsNow),
    rooms: presentLevel(roomsNow),
    join_success_24h: joinSuccess(sumsOf(counters, counted), bounds),
    join_success_1h: joinSuccess(sumsOf(joinsAlone, lastHour), bounds),
    health: { ...health(sumsOf(counters, counted), byKey(histograms, measured), bounds), ...periodOf(day) },
  };
}

function presentLevel(level: HourOfLevels): VoiceSummary['sessions'] {
  return { value: level.value, age_s: level.age_s, sparkline: sparklineOf(level) };
}

function nameIn(wanted: readonly string[]) {
  return ({ metric_name }: LabelledSeries): string | undefined =>
    wanted.includes(metric_name) ? metric_name : undefined;
}

/** What a counter counts of the score. */
function countedAs({ metric_name, labels }: LabelledSeries): 'joined' | 'not joined' | 'crashed' | undefined {
  if (metric_name === crashes) return 'crashed';
  if (metric_name !== joins) return undefined;
  return labels[outcomeLabel] === joined ? 'joined' : 'not joined';
}

function byKey<K>({ keys }: Members<K>, totals: ReadonlyMap<number, Total>): ReadonlyMap<K, Total> {
  return new Map(
    keys.flatMap((key, at) => {
      const total = totals.get(at);
      return total === undefined ? [] : [[key, total] as const];
    }),
  );
}

type Sums = ReadonlyMap<'joined' | 'not joined' | 'crashed', number>;

function sumsOf(members: Members<'joined' | 'not joined' | 'crashed'>, totals: ReadonlyMap<number, Total>): Sums {
  return new Map([...byKey(members, totals)].map(([key, { sum }]) => [key, sum]));
}

function joinSuccess(sums: Sums, bounds: Bounds): VoiceSummary['join_success_24h'] {
  const numerator = sums.get('joined') ?? 0;
  const n = numerator + (sums.get('not joined') ?? 0);
  const value = n > 0 ? (100 * numerator) / n : null;
  const { warn, crit } = bounds.VOICE_JOIN_SUCCESS;
  const colour = coloured(bounds, 'VOICE_JOIN_SUCCESS', value, n);
  return { value, unit: '%', n, numerator, colour, thresholds: { warn, crit } };
}

function health(sums: Sums, measured: ReadonlyMap<string, Total>, bounds: Bounds) {
  const success = joinSuccess(sums, bounds);
  const [loss, jitterP95] = [p95Of(measured.get(packetLoss)), p95Of(measured.get(jitter))];
  const ended = measured.get(duration)?.count ?? 0;
  const crashed = sums.get('crashed');
  const crashRate = ended > 0 && crashed !== undefined ? crashed / ended : null;
  const { score, parts } = voiceHealthOf({
    joinSuccess: success.value === null ? null : success.value / 100,
    packetLoss: loss?.value ?? null,
    jitterMs: jitterP95?.value ?? null,
    crashes: crashRate,
  });
  const counted = (id: HealthPart['id']) => ({
    id,
    weight: parts[id]?.weight ?? null,
    points: parts[id]?.points ?? null,
  });
  const lossPercent = scaled(loss, 100);
  const exact = { lo: null, hi: null, quality: null };
  const list: HealthPart[] = [
    { ...counted('join_success'), ...exact, value: success.value, unit: '%', n: success.n, colour: success.colour },
    {
      ...counted('packet_loss'),
      ...boundsOf(lossPercent),
      value: lossPercent?.value ?? null,
      unit: '%',
      n: measured.get(packetLoss)?.count ?? 0,
      colour: colouredPercentile(bounds, 'VOICE_PACKET_LOSS_P95', lossPercent),
    },
    {
      ...counted('jitter'),
      ...boundsOf(jitterP95),
      value: jitterP95?.value ?? null,
      unit: 'ms',
      n: measured.get(jitter)?.count ?? 0,
      colour: colouredPercentile(bounds, 'VOICE_JITTER_P95', jitterP95),
    },
    // No threshold judges crashes by themselves.
    {
      ...counted('crashes'),
      ...exact,
      value: crashRate === null ? null : 100 * crashRate,
      unit: '%',
      n: ended,
      colour: null,
    },
  ];
  return { score, parts: list };
}

function p95Of(total: Total | undefined): Percentile | null {
  return (total === undefined ? undefined : percentilesOf(total)[1]) ?? null;
}

function boundsOf(percentile: Percentile | null): Pick<HealthPart, 'lo' | 'hi' | 'quality'> {
  if (percentile === null) return { lo: null, hi: null, quality: null };
  const { lo, hi, quality } = percentile;
  return { lo, hi, quality };
}
