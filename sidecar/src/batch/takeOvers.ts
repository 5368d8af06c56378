import type { Sql } from 'postgres';
import { lockCompetitions, readSources, type SourceRow, writeSources } from '../store/sources.ts';
import type { Draft } from './draft.ts';
import { setSources } from './load.ts';
import type { Memory, SourceSlot } from './memory.ts';
import { hasTakenOver, observe, type SourceHistory } from './sources.ts';

/** Sources of which the draft decided a take-over, or the first of all. */
export function takeOversOf(draft: Draft): SourceSlot[] {
  return draft.sources.filter((slot) => hasTakenOver(slot.committed, draft.historyOf(slot)));
}

/**
 * Decides take-overs over all sidecars: in a short transaction of its own, committed before the batch, under the lock of each competition, by
 * what is stored there. The batch is built again with what was decided, by this sidecar or another.
 */
export async function admitTakeOvers(
  sql: Sql,
  memory: Memory,
  draft: Draft,
  slots: readonly SourceSlot[],
): Promise<void> {
  const wanted = slots.map((slot) => ({ slot, seen: draft.historyOf(slot).at(-1) }));
  const rows = await sql.begin('isolation level read committed', async (tx) => {
    await lockCompetitions(
      tx,
      slots.map((slot) => slot.metricName),
      true,
    );
    const stored = await readSources(tx, [...new Set(slots.map((slot) => slot.holder))].sort());
    const histories = wanted.map(({ slot, seen }) => decide(historyIn(stored, slot), seen, slot));
    await writeSources(
      tx,
      histories.flatMap((history) => history.slice(-1)),
    );
    return histories.flat();
  });
  setSources(memory, rows);
}

function historyIn(stored: readonly SourceRow[], { holder, metricName }: SourceSlot): SourceHistory {
  return stored
    .filter((row) => row.holder === holder && row.metricName === metricName)
    .sort((a, b) => a.fromMinuteMs - b.fromMinuteMs);
}

/** What was seen, against what is stored; ranks come with the claim that saw it. */
function decide(stored: SourceHistory, seen: SourceRow | undefined, { rankOf }: SourceSlot): SourceHistory {
  if (seen === undefined) return stored;
  const { holder, metricName, source, lastSeenMs } = seen;
  return observe(stored, { holder, metricName, source, timeMs: lastSeenMs }, rankOf);
}
