import { lateAfterMs, silenceMs } from '@command-center/contract/retention';
import type { ChosenSeries } from '@command-center/drizzle/trends/columns';
import { trendMinutes } from '@command-center/drizzle/trends/minutes';
import { numbersOf } from '@command-center/drizzle/trends/sent';
import { windowsOf } from '@command-center/drizzle/trends/windows';
import type { TransactionSql } from 'postgres';
import { newestReadings, newestReadingsRow } from '../queries/newestReadings.ts';
import { trendRow } from '../queries/trendRows.ts';
import { checked } from '../statement.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** A minute is complete, and additive gauges may be read, this long after it ended (design §6). */
const completeAfterMs = 10_000;
const sparklineMinutes = 60;

/** A gauge as it is now. */
export interface Level {
  /** Of the newest complete minute, or where it is no sum of the open one; null where that is over 3 min old. */
  readonly value: number | null;
  /** Seconds since the newest minute with data began; null = none in the last hour. */
  readonly age_s: number | null;
}

/** A gauge as it is now, and its last hour. */
export interface HourOfLevels extends Level {
  /** By starts of minutes; those without data are missing. */
  readonly history: ReadonlyMap<number, number | null>;
  /** Start of the newest complete minute. */
  readonly newestMs: number;
}

/** The last hour of a gauge, a point a minute. */
export function sparklineOf({ history, newestMs }: HourOfLevels): { ts: string; value: number | null }[] {
  return Array.from({ length: sparklineMinutes }, (_, at) => {
    const ms = newestMs - (sparklineMinutes - 1 - at) * minuteMs;
    return { ts: new Date(ms).toISOString(), value: history.get(ms) ?? null };
  });
}

/** Gauges that merge alike. */
export interface Gauges {
  readonly shape: 'additive' | 'max';
  readonly chosen: ChosenSeries;
  /** Members. */
  readonly count: number;
}

/** The levels of all gauges by position of their member, those of the first ones first; each member has one. */
export async function readLevels(
  tx: TransactionSql,
  gauges: readonly Gauges[],
  nowMs: number,
): Promise<readonly Level[]> {
  const shapes = gauges.flatMap(({ shape, count }) => Array.from({ length: count }, () => shape));
  const { fromMs, newestMs } = lastHourOf(nowMs);
  const silentMs = nowMs - silenceMs - minuteMs;
  const chosen = joined(gauges);
  const rows = chosen.ids.length === 0 ? [] : await newestReadings(tx, chosen, { fromMs, toMs: nowMs }, silentMs);
  const found = shapes.map((): Newest => ({ heardMs: undefined, readMs: undefined, value: Number.NaN }));
  for (const { members, starts, last, max } of checked(newestReadingsRow, rows)) {
    const [startsS, lasts, greatest] = [numbersOf(starts), numbersOf(last), numbersOf(max)];
    numbersOf(members).forEach((member, at) => {
      const newest = found[member];
      const ms = (startsS[at] ?? 0) * 1000;
      if (newest === undefined) return;
      newest.heardMs = Math.max(newest.heardMs ?? 0, ms);
      const isAdditive = shapes[member] === 'additive';
      if (ms > (isAdditive ? newestMs : nowMs) || ms <= silentMs || ms < (newest.readMs ?? 0)) return;
      const value = (isAdditive ? lasts : greatest)[at] ?? Number.NaN;
      newest.value = ms === newest.readMs ? merged(newest.value, value, isAdditive) : value;
      newest.readMs = ms;
    });
  }
  return found.map(({ heardMs, value }) => ({
    value: Number.isNaN(value) ? null : value,
    age_s: ageOf(heardMs, nowMs),
  }));
}

/** What is known of a member while its readings are looked through. */
interface Newest {
  heardMs: number | undefined;
  /** Start of the newest minute that may be read, and what that reads; NaN = nothing. */
  readMs: number | undefined;
  value: number;
}

function merged(a: number, b: number, isAdditive: boolean): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) ? b : a;
  return isAdditive ? a + b : Math.max(a, b);
}

/** All series, the members of each kind behind those of the one before. */
function joined(gauges: readonly Gauges[]): ChosenSeries {
  let offset = 0;
  const ids: number[] = [];
  const members: number[] = [];
  for (const { chosen, count } of gauges) {
    ids.push(...chosen.ids);
    for (const member of chosen.members) members.push(offset + member);
    offset += count;
  }
  return { ids, members };
}

/** The levels of additive gauges and their last hour, by position of the member; each has one. */
export async function readHourOfLevels(
  tx: TransactionSql,
  chosen: ChosenSeries,
  count: number,
  nowMs: number,
): Promise<readonly HourOfLevels[]> {
  const { fromMs, newestMs } = lastHourOf(nowMs);
  const period = { fromMs, toMs: nowMs };
  const rows =
    chosen.ids.length === 0
      ? []
      : checked(trendRow, await trendMinutes(tx, 'additive', chosen, period, nowMs - lateAfterMs - hourMs));
  const byMember = Map.groupBy(windowsOf('additive', minuteMs, period, rows), ({ member }) => member);
  return Array.from({ length: count }, (_, member) => {
    const history = new Map((byMember.get(member) ?? []).map(({ startMs, value }) => [startMs, value]));
    const complete = [...history.keys()].filter((ms) => ms <= newestMs && ms + minuteMs > nowMs - silenceMs);
    return {
      value: complete.length === 0 ? null : (history.get(Math.max(...complete)) ?? null),
      age_s: ageOf(history.size === 0 ? undefined : Math.max(...history.keys()), nowMs),
      history,
      newestMs,
    };
  });
}

function lastHourOf(nowMs: number): { readonly fromMs: number; readonly newestMs: number } {
  const newestMs = Math.floor((nowMs - completeAfterMs) / minuteMs) * minuteMs - minuteMs;
  return { fromMs: newestMs - (sparklineMinutes - 1) * minuteMs, newestMs };
}

function ageOf(heardMs: number | undefined, nowMs: number): number | null {
  return heardMs === undefined ? null : Math.max(0, Math.round((nowMs - heardMs) / 1000));
}
