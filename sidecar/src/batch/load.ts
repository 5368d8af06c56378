import { labelsKey, overflowLabels } from '@command-center/contract/labels';
import type { Sql } from 'postgres';
import { minuteOf } from '../aggregate/minutes.ts';
import type { Target } from '../curate/curated.ts';
import { readBlocks } from '../store/blocks.ts';
import { admitSeries, type WantedSeries } from '../store/series.ts';
import { readSources } from '../store/sources.ts';
import type { Reader } from '../store/transaction.ts';
import { seriesKey } from './build.ts';
import type { CuratedRequest } from './curateRequest.ts';
import { type Memory, replaceFamilies, type SeriesSlot } from './memory.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const OVERFLOW_KEY = labelsKey(overflowLabels);

/** Owners of stream state that the requests touch. */
export function ownersOf(requests: readonly CuratedRequest[]): string[] {
  const owners = new Set<string>();
  for (const request of requests) {
    for (const point of request.points) if (point.streamKind !== 'none') owners.add(point.owner);
  }
  return [...owners].sort();
}

/** Reads blocks that are not in memory, all in one query. */
export async function loadFamilies(db: Reader, memory: Memory, owners: readonly string[]): Promise<void> {
  const missing = owners.filter((owner) => !memory.families.has(owner));
  if (missing.length > 0) replaceFamilies(memory, missing, await readBlocks(db, missing, false));
}

/** Reads the blocks anew and keeps them locked until the transaction ends: after another sidecar was faster. */
export async function lockFamilies(tx: Reader, memory: Memory, owners: readonly string[]): Promise<void> {
  replaceFamilies(memory, owners, await readBlocks(tx, owners, true));
}

/**
 * Reads which source holds what, for holders that are not in memory or whose data has come to a newer minute: another sidecar may have heard
 * another source meanwhile, and no take-over binds before the minute after.
 */
export async function loadSources(db: Reader, memory: Memory, requests: readonly CuratedRequest[]): Promise<void> {
  const missing = new Map<string, number>();
  for (const { holder, minuteMs } of claimsOf(requests)) {
    const readMs = missing.get(holder) ?? memory.holders.get(holder);
    if (readMs === undefined || readMs < minuteMs) missing.set(holder, minuteMs);
  }
  if (missing.size === 0) return;
  const rows = await readSources(db, [...missing.keys()].sort());
  for (const [key, history] of Map.groupBy(rows, (row) => `${row.holder}\n${row.metricName}`)) {
    memory.sources.set(
      key,
      history.sort((a, b) => a.fromMinuteMs - b.fromMinuteMs),
    );
  }
  for (const [holder, minuteMs] of missing) memory.holders.set(holder, minuteMs);
}

/**
 * Admits the series that the requests need and that were not asked for within the hour: also renewal and the hourly second chance of a label
 * set that had to go into the overflow series. `nowMs` is this process's clock: it only decides when to ask again.
 */
export async function loadSeries(
  sql: Sql,
  memory: Memory,
  requests: readonly CuratedRequest[],
  maxSeriesPerMetric: number,
  nowMs: number,
): Promise<void> {
  const wanted = new Map<string, WantedSeries>();
  for (const target of targetsOf(requests)) {
    const key = seriesKey(target);
    const slot = memory.series.get(key);
    if (slot !== undefined && nowMs - slot.askedAtMs < HOUR_MS) continue;
    wanted.set(key, { metricName: target.entry.name, labelsKey: target.labelsKey });
  }
  if (wanted.size === 0) return;
  const rows = await admitSeries(sql, [...wanted.values()], maxSeriesPerMetric, OVERFLOW_KEY);
  const overflowIds = new Map(
    rows.filter((row) => row.labelsKey === OVERFLOW_KEY).map((row) => [row.metricName, row.id]),
  );
  const nextMinuteMs = (Math.floor(nowMs / MINUTE_MS) + 1) * MINUTE_MS;
  for (const row of rows) {
    const key = `${row.metricName} ${row.labelsKey}`;
    const overflowId = overflowIds.get(row.metricName) ?? null;
    memory.series.set(key, slotOf(memory.series.get(key), row.id, overflowId, nextMinuteMs, nowMs));
  }
}

function slotOf(
  before: SeriesSlot | undefined,
  id: number | null,
  overflowId: number | null,
  nextMinuteMs: number,
  nowMs: number,
): SeriesSlot {
  if (id === null) {
    if (overflowId === null) throw new Error('a metric without a free slot must have an overflow series');
    return { id: overflowId, overflowId, fromMinuteMs: -Infinity, isOverflow: true, askedAtMs: nowMs };
  }
  if (before?.isOverflow === true)
    return { id, overflowId: before.id, fromMinuteMs: nextMinuteMs, isOverflow: false, askedAtMs: nowMs };
  return {
    id,
    overflowId: before?.overflowId ?? null,
    fromMinuteMs: before?.fromMinuteMs ?? -Infinity,
    isOverflow: false,
    askedAtMs: nowMs,
  };
}

function* claimsOf(requests: readonly CuratedRequest[]): Generator<{ holder: string; minuteMs: number }> {
  for (const { points } of requests) {
    for (const { point, targets } of points) {
      for (const { claims } of targets)
        for (const { holder } of claims) yield { holder, minuteMs: minuteOf(point.timeUnixNano) };
    }
  }
}

function* targetsOf(requests: readonly CuratedRequest[]): Generator<Target> {
  for (const request of requests) for (const point of request.points) yield* point.targets;
}
