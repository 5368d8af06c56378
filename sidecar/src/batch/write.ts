import { encodeSketch } from '@command-center/contract/sketch/codec';
import type { TransactionSql } from 'postgres';
import { ByteWriter } from '../aggregate/bytes.ts';
import { percentilesOf, type Window } from '../aggregate/window.ts';
import { type BlockRow, writeBlocks } from '../store/blocks.ts';
import { type Inserted, writeLogs, writeSpans } from '../store/events.ts';
import { type IntakeCount, writeIntake } from '../store/intake.ts';
import { writeSources } from '../store/sources.ts';
import { type WindowRow, writeLateWindows, writeWindows } from '../store/windows.ts';
import type { Draft } from './draft.ts';
import { windowOf } from './memory.ts';
import type { NameBudget, Tally } from './tally.ts';

const DAY_MS = 86_400_000;

/** Writes everything a draft holds; the statements travel together. `nowMs` is the transaction's now(). Returns what it counted. */
export async function writeDraft(
  tx: TransactionSql,
  writer: number,
  draft: Draft,
  nowMs: number,
  names: NameBudget,
): Promise<readonly IntakeCount[]> {
  const blocks = blockRowsOf(draft);
  const windows = [...draft.windows].map(([key, cell]) => rowOf(key, cell.finish()));
  const isLate = (row: WindowRow): boolean => row.minuteMs < draft.lateBeforeMs;
  const [, , , , insertedLogs, insertedSpans] = await Promise.all([
    writeBlocks(tx, blocks),
    writeWindows(
      tx,
      writer,
      windows.filter((row) => !isLate(row)),
      nowMs,
    ),
    writeLateWindows(tx, windows.filter(isLate)),
    writeSources(
      tx,
      draft.sources.flatMap((slot) => draft.historyOf(slot).slice(-2)),
    ),
    writeLogs(tx, draft.logs),
    writeSpans(tx, draft.spans),
  ]);
  countEvents(
    draft.tally,
    'logs',
    draft.logs.map((row) => row.log.service),
    insertedLogs,
  );
  countEvents(
    draft.tally,
    'traces',
    draft.spans.map((span) => span.service),
    insertedSpans,
  );
  const counts = draft.tally.rows(names);
  await writeIntake(tx, writer, counts);
  return counts;
}

/** The UTC days, as milliseconds, whose partitions the draft writes to. */
export function daysOf(draft: Draft): number[] {
  const days = new Set<number>();
  const add = (timeMs: number): void => void days.add(Math.floor(timeMs / DAY_MS) * DAY_MS);
  for (const key of draft.windows.keys()) add(windowOf(key).minuteMs);
  for (const row of draft.logs) add(row.log.tsMs);
  for (const span of draft.spans) add(span.tsMs);
  return [...days].sort((a, b) => a - b);
}

/** All states are written one after another into the same room: arrays for each block and batch would be garbage at once. */
const stateWriter = new ByteWriter();
/** Bytes kept for it between batches. */
const MAX_STATE_BYTES = 8 * 1_024 * 1_024;

/** The states lie where the next call writes its own. */
function blockRowsOf(draft: Draft): BlockRow[] {
  stateWriter.clear(MAX_STATE_BYTES);
  const ends = draft.opened.map((slot) => {
    const { isSplit, streams } = draft.nodeOf(slot);
    if (!isSplit) streams.encodeInto(stateWriter);
    return stateWriter.length;
  });
  return draft.opened.map((slot, index) => {
    const { owner, depth, prefix, isSplit, version, firstTime } = draft.nodeOf(slot);
    const state = stateWriter.view(ends[index - 1] ?? 0, ends[index] ?? 0);
    return { owner, depth, prefix, isSplit, version, firstTime, state };
  });
}

function rowOf(key: number, window: Window): WindowRow {
  const { seriesId, minuteMs } = windowOf(key);
  const { count, sum, min, max, last, lastMs, spans } = window;
  const sketch = spans === null ? null : encodeSketch(spans);
  return { seriesId, minuteMs, count, sum, min, max, last, lastMs, sketch, ...percentilesOf(window) };
}

/** What was stored, log records by their level: who watches counts the errors. Records that were there already are a retry's: counted as duplicates, answered as stored. */
function countEvents(
  tally: Tally,
  signal: 'logs' | 'traces',
  services: readonly string[],
  inserted: readonly Inserted[],
): void {
  for (const [service, records] of Map.groupBy(services, (name) => name)) {
    const rows = inserted.filter((row) => row.service === service);
    const stored = rows.reduce((sum, { count }) => sum + count, 0);
    for (const { level, count } of rows) tally.add(signal, service, 'stored', level, '', count);
    if (records.length > stored) tally.add(signal, service, 'noted', 'duplicate', '', records.length - stored);
  }
}
