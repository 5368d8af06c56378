import { labelsKey, overflowLabels } from '@command-center/contract/labels';
import type { Sql } from 'postgres';
import type { CuratedPoints, Target } from '../curate/curated.ts';
import { readBlocks } from '../store/blocks.ts';
import { admitSeries, type WantedSeries } from '../store/series.ts';
import { readSources, type SourceRow } from '../store/sources.ts';
import type { Reader } from '../store/transaction.ts';
import type { CuratedRequest } from './curateRequest.ts';
import { type Memory, replaceFamilies, SeriesSlot, setSeries, sourceSlot } from './memory.ts';
import { knownSlotOf, seriesKey } from './places.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const OVERFLOW_KEY = labelsKey(overflowLabels);

/** Owners of stream state that the requests touch. */
export function ownersOf(requests: readonly CuratedRequest[]): string[] {
  const owners = new Set<string>();
  let last: string | undefined;
  for (const { points } of requests) {
    for (const stream of points.streams) {
      // A family's points come one after another.
      if (stream === undefined || stream.owner === last || stream.streamKind === 'none') continue;
      last = stream.owner;
      owners.add(last);
    }
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

/** Reads which source holds what for holders that are not in memory. What another sidecar decides later, the batch finds when it is written. */
export async function loadSources(db: Reader, memory: Memory, requests: readonly CuratedRequest[]): Promise<void> {
  const missing = new Set<string>();
  for (const target of targetsOf(requests)) {
    for (const claim of target.claims) if (!memory.holders.has(claim.holder)) missing.add(claim.holder);
  }
  if (missing.size === 0) return;
  const rows = await readSources(db, [...missing].sort());
  setSources(memory, rows);
  for (const holder of missing) memory.holders.add(holder);
}

/** What is held of the rows' holders and metrics becomes what the rows say. */
export function setSources(memory: Memory, rows: readonly SourceRow[]): void {
  for (const history of Map.groupBy(rows, (row) => `${row.holder}\n${row.metricName}`).values()) {
    const [first] = history;
    if (first === undefined) continue;
    sourceSlot(memory, first.holder, first.metricName).committed = history.sort(
      (a, b) => a.fromMinuteMs - b.fromMinuteMs,
    );
  }
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
    const slot = knownSlotOf(memory, target);
    if (slot !== undefined && nowMs - slot.askedAtMs < HOUR_MS) continue;
    wanted.set(seriesKey(target), { metricName: target.entry.name, labelsKey: target.labelsKey });
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
    setSeries(memory, key, slotOf(memory.series.get(key), row.id, overflowId, nextMinuteMs, nowMs));
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
    return new SeriesSlot({ id: overflowId, overflowId, fromMinuteMs: -Infinity, isOverflow: true, askedAtMs: nowMs });
  }
  if (before?.isOverflow === true)
    return new SeriesSlot({
      id,
      overflowId: before.id,
      fromMinuteMs: nextMinuteMs,
      isOverflow: false,
      askedAtMs: nowMs,
    });
  return new SeriesSlot({
    id,
    overflowId: before?.overflowId ?? null,
    fromMinuteMs: before?.fromMinuteMs ?? -Infinity,
    isOverflow: false,
    askedAtMs: nowMs,
  });
}

/** Targets that the requests feed, each once a request. */
function* targetsOf(requests: readonly CuratedRequest[]): Generator<Target> {
  for (const { points } of requests) yield* distinctTargets(points);
}

/** By request, since it is asked for twice, and again after a conflict. */
const distinct = new WeakMap<CuratedPoints, ReadonlySet<Target>>();

function distinctTargets(points: CuratedPoints): ReadonlySet<Target> {
  const known = distinct.get(points);
  if (known !== undefined) return known;
  const targets = new Set<Target>();
  for (const stream of points.streams) for (const target of stream?.targets ?? []) targets.add(target);
  distinct.set(points, targets);
  return targets;
}
