import { lateAfterMs } from '@command-center/contract/retention';
import { noFrames, type Sketches, unframeMinutes } from '@command-center/contract/sketch/frames';
import { knownPercentiles } from '@command-center/contract/sketch/knownPercentiles';
import { type Percentile, percentileOf } from '@command-center/contract/sketch/percentile';
import type { ChosenSeries } from '@command-center/drizzle/trends/columns';
import { packedSketches } from '@command-center/drizzle/trends/minutes';
import type { TransactionSql } from 'postgres';
import { addedTotalRow, addedTotals } from '../queries/addedTotals.ts';
import { rollupProgress, rollupProgressRow } from '../queries/rollupProgress.ts';
import { packedSketchesRow } from '../queries/trendRows.ts';
import type { TimeWindow } from '../requests/window.ts';
import { checked } from '../statement.ts';
import { type Progress, type Source, sourcesOf } from './sources.ts';

const hourMs = 3_600_000;

/** A counter or histogram over a whole range, its series and writers merged. */
export interface Total {
  /** Events of a histogram; 0 of a counter. */
  readonly count: number;
  readonly sum: number;
  readonly min: number | null;
  readonly max: number | null;
  /** Of a histogram's parts. */
  readonly sketches: Sketches;
}

/** Reads how far roll-ups of the metrics have come. */
export async function readProgress(
  tx: TransactionSql,
  metricNames: readonly string[],
  window: TimeWindow,
  nowMs: number,
): Promise<Progress> {
  const [row] = checked(rollupProgressRow, await rollupProgress(tx, metricNames, window));
  if (row === undefined) throw new Error('rollup_progress answers one row always');
  // A quarter of an hour later than the last hour that can be packed: the clocks of API and database need not agree.
  return {
    nextHourMs: row.next_hour.getTime(),
    changedMs: row.changed,
    unpackedFromMs: nowMs - lateAfterMs - hourMs,
  };
}

/** The totals of each member over the window; members without data are missing. Late data counts from its commit on. */
export async function readTotals(
  tx: TransactionSql,
  shape: 'counter' | 'histogram',
  chosen: ChosenSeries,
  window: TimeWindow,
  progress: Progress,
): Promise<ReadonlyMap<number, Total>> {
  const sources = sourcesOf(window, progress);
  if (chosen.ids.length === 0 || sources.length === 0) return new Map();
  const [rows, packed] = await Promise.all([
    addedTotals(tx, shape, chosen, sources),
    shape === 'histogram' ? readPackedSketches(tx, chosen, sources) : new Map<number, Uint8Array[]>(),
  ]);
  return new Map(
    checked(addedTotalRow, rows).map(({ member, count, sum, min, max, sketches }) => [
      member,
      {
        count: count ?? 0,
        sum: sum ?? 0,
        min: min ?? null,
        max: max ?? null,
        sketches: { framed: sketches ?? noFrames, loose: packed.get(member) ?? [] },
      },
    ]),
  );
}

/** p50, p95 and p99 of a histogram's total; [] where nobody knows them. */
export function percentilesOf({ count, min, max, sketches }: Total): readonly Percentile[] {
  return knownPercentiles(sketches, count, { min, max }).map(percentileOf);
}

/** The sketches of packed minutes within the sources, by member. */
async function readPackedSketches(
  tx: TransactionSql,
  chosen: ChosenSeries,
  sources: readonly Source[],
): Promise<ReadonlyMap<number, Uint8Array[]>> {
  const found = new Map<number, Uint8Array[]>();
  for (const source of sources) {
    if (source.kind === 'rollups' || !source.isPacked) continue;
    for (const { member, hour, sketches } of checked(packedSketchesRow, await packedSketches(tx, chosen, source))) {
      const within = unframeMinutes(sketches).filter(({ minute }) => {
        const startMs = hour.getTime() + minute * 60_000;
        return startMs >= source.fromMs && startMs < source.toMs;
      });
      found.set(member, [...(found.get(member) ?? []), ...within.map(({ sketch }) => sketch)]);
    }
  }
  return found;
}
