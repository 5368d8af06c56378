import { transaction } from '@command-center/drizzle/transaction';
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
  const wanted = slots.map((slot) => ({ slot, seen: newIn(draft.historyOf(slot), slot.committed) }));
  const rows = await transaction(sql, 'isolation level read committed', async (tx) => {
    await lockCompetitions(
      tx,
      slots.map((slot) => slot.metricName),
      true,
    );
    const stored = await readSources(tx, [...new Set(slots.map((slot) => slot.holder))].sort());
    const histories = wanted.map(({ slot, seen }) => decide(historyIn(stored, slot), seen, slot));
    await writeSources(
      tx,
      histories.flatMap((history) => history.filter((row) => !stored.includes(row))),
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

/** Sources that a batch saw take over, in their order: several may in one batch, and who came before the last is who the last is measured against. */
function newIn(after: SourceHistory, before: SourceHistory): SourceHistory {
  return after.filter((row) => !before.some((known) => known.fromMinuteMs === row.fromMinuteMs));
}

/** What was seen, against what is stored; ranks come with the claim that saw it. */
function decide(stored: SourceHistory, seen: SourceHistory, { rankOf }: SourceSlot): SourceHistory {
  return seen.reduce<SourceHistory>(
    (history, { holder, metricName, source, lastSeenMs }) =>
      observe(history, { holder, metricName, source, timeMs: lastSeenMs }, rankOf),
    stored,
  );
}
