import type { TrendSeries } from '@command-center/contract/api/trends';
import { type PointWindow, pointOf } from '@command-center/contract/trends/point';
import type { TransactionSql } from 'postgres';
import { limits } from '../limits.ts';
import { trendSeries, trendSeriesRow } from '../queries/trendSeries.ts';
import type { BadParameter, TimeWindow } from '../requests/window.ts';
import { checked } from '../statement.ts';
import { type Clock, type FoundSeries, planOf, type TrendAsked, type TrendPlan } from './planTrend.ts';
import { type PointsText, pointsText, type SeriesText } from './pointsText.ts';
import { type MergedPart, readMerged } from './readMerged.ts';
import { type MemberWindow, readWindows } from './readWindows.ts';

export type TrendAnswer = { readonly series: readonly SeriesText[] } | { readonly refusal: BadParameter };

/** The trend of one metric: without `by` one series, all merged; with it one a value of that label. */
export async function readTrend(
  tx: TransactionSql,
  asked: TrendAsked,
  window: TimeWindow,
  clock: Clock,
): Promise<TrendAnswer> {
  const choice = { metricName: asked.entry.name, by: asked.by };
  const found = checked(trendSeriesRow, await trendSeries(tx, [choice], asked.where, limits.trendSeriesRead));
  const planned = planOf(asked, found, window, clock);
  if ('refusal' in planned) return planned;
  const [series = []] = await readPlanned(tx, [planned.plan], clock.nowMs);
  return { series };
}

/**
 * Trends of all series of different metrics, each with `pointsLeft` points, in about as many statements as one of them takes. `known`: their series, where
 * they have been read.
 */
export async function readTogether(
  tx: TransactionSql,
  asked: readonly Omit<TrendAsked, 'where'>[],
  window: TimeWindow,
  clock: Clock,
  known?: readonly FoundSeries[],
): Promise<{ readonly trends: readonly (readonly SeriesText[])[] } | { readonly refusal: BadParameter }> {
  const choices = asked.map(({ entry, by }) => ({ metricName: entry.name, by }));
  const found = known ?? checked(trendSeriesRow, await trendSeries(tx, choices, {}, limits.trendSeriesRead));
  const byMetric = Map.groupBy(found, ({ metric_name }) => metric_name);
  const plans: TrendPlan[] = [];
  for (const one of asked) {
    const planned = planOf({ ...one, where: {} }, byMetric.get(one.entry.name) ?? [], window, clock);
    if ('refusal' in planned) return planned;
    plans.push(planned.plan);
  }
  return { trends: await readPlanned(tx, plans, clock.nowMs) };
}

/** The series of each plan. */
async function readPlanned(
  tx: TransactionSql,
  plans: readonly TrendPlan[],
  nowMs: number,
): Promise<readonly (readonly SeriesText[])[]> {
  const merged = await readMergedOf(tx, plans);
  const rests = plans.map((plan): Rest => {
    const upToMs = merged.get(plan)?.upToMs ?? plan.period.fromMs;
    return { plan, fromMs: Math.max(plan.period.fromMs, upToMs), toMs: plan.period.toMs };
  });
  const alike = Map.groupBy(
    rests.filter(({ plan, fromMs, toMs }) => fromMs < toMs && plan.chosen.ids.length > 0),
    ({ plan, fromMs, toMs }) => JSON.stringify([plan.shape, plan.resolution.name, fromMs, toMs]),
  );
  const live = new Map((await Promise.all([...alike.values()].map((group) => readRests(tx, group, nowMs)))).flat());
  return plans.map((plan) => present(plan, merged.get(plan)?.pieces ?? [], live.get(plan) ?? [], nowMs));
}

/** What the leader has merged; nothing of plans that are not of a whole metric. */
async function readMergedOf(
  tx: TransactionSql,
  plans: readonly TrendPlan[],
): Promise<ReadonlyMap<TrendPlan, MergedPart>> {
  const alike = Map.groupBy(
    plans.filter(({ isWhole }) => isWhole),
    ({ resolution, period }) => JSON.stringify([resolution.name, period]),
  );
  const parts = await Promise.all(
    [...alike.values()].map(async (group) => {
      const [first] = group;
      if (first === undefined) return [];
      const metrics = group.map(({ entry, chosen }) => ({ name: entry.name, seriesIds: chosen.ids }));
      const read = await readMerged(tx, metrics, first.resolution.name, first.period);
      return group.map((plan, at) => [plan, read[at]] as const);
    }),
  );
  return new Map(parts.flat().flatMap(([plan, part]) => (part === undefined ? [] : [[plan, part] as const])));
}

/** What of a plan is not merged. */
interface Rest extends TimeWindow {
  readonly plan: TrendPlan;
}

/** Reads rests of one shape, resolution and time in one statement: their members stand one behind the other. */
async function readRests(
  tx: TransactionSql,
  group: readonly Rest[],
  nowMs: number,
): Promise<readonly (readonly [TrendPlan, readonly MemberWindow[]])[]> {
  const [first] = group;
  if (first === undefined) return [];
  let size = 0;
  const placed = group.map(({ plan }) => {
    const offset = size;
    size += plan.labels.length;
    return { plan, offset };
  });
  const chosen = {
    ids: placed.flatMap(({ plan }) => plan.chosen.ids),
    members: placed.flatMap(({ plan, offset }) => plan.chosen.members.map((member) => offset + member)),
    liveFromMs: placed.flatMap(({ plan }) => plan.chosen.liveFromMs),
  };
  const windows = await readWindows(tx, first.plan.shape, first.plan.resolution, chosen, first, nowMs);
  if (group.length === 1) return [[first.plan, windows]];
  const byMember = Map.groupBy(windows, ({ member }) => member);
  return placed.map(({ plan, offset }) => [
    plan,
    plan.labels.flatMap((_, at) => (byMember.get(offset + at) ?? []).map((window) => ({ ...window, member: at }))),
  ]);
}

function present(
  { entry, where, shape, resolution, labels, isSplit }: TrendPlan,
  merged: readonly PointsText[],
  live: readonly MemberWindow[],
  nowMs: number,
): readonly SeriesText[] {
  const textOf = (windows: readonly PointWindow[]): PointsText =>
    pointsText(windows.map((one) => pointOf(one, shape, resolution, nowMs)));
  const seriesOf = (own: TrendSeries['labels'], pieces: readonly PointsText[]): SeriesText => ({
    metric_name: entry.name,
    unit: entry.unit,
    kind: entry.kind,
    labels: own,
    resolution: resolution.name,
    pieces,
  });
  if (!isSplit) return [seriesOf(where, [...merged, textOf(live)])];
  const byMember = Map.groupBy(live, ({ member }) => member);
  return [...byMember].map(([member, windows]) => seriesOf(labels[member] ?? where, [textOf(windows)]));
}
