import { retentionMs } from '@command-center/contract/retention';
import type { PendingQuery, Row as SqlRow, TransactionSql } from 'postgres';
import type { z } from 'zod';
import type { Deps } from '../deps.ts';
import { limits } from '../limits.ts';
import { piecesOf } from '../lists/newestFirst.ts';
import { fileDays, searchPieces } from '../lists/readLogs.ts';
import { listDays } from '../lists/readTraces.ts';
import { countRow, type KeyPage } from '../queries/byKey.ts';
import type { LogFilters } from '../queries/logConditions.ts';
import { type LogKeyPage, logCount, logKeyPage, logKeys } from '../queries/logKeys.ts';
import { logRow } from '../queries/logPage.ts';
import { logsByKey } from '../queries/logsByKey.ts';
import { type TraceKeyPage, traceCount, traceKeyPage, traceKeys } from '../queries/traceKeys.ts';
import { type TraceFilters, traceRow } from '../queries/tracePage.ts';
import { tracesByKey } from '../queries/tracesByKey.ts';
import type { TimeWindow } from '../requests/window.ts';
import { checked } from '../statement.ts';
import type { FoundRows, Row } from './found.ts';
import { readHeeding } from './heed.ts';

/** Rows were deleted that are not old enough for it. */
class LostRowsError extends Error {
  override readonly name = 'LostRowsError';
}

interface Stored extends Row {
  readonly ts: Date;
  readonly ts_micros: string;
}

/** How the rows of a table are found, and read where they were found. */
interface Table<F, K extends KeyPage> {
  readonly key: z.ZodType<K>;
  readonly row: z.ZodType<Stored>;
  /** Newest first (lists/newestFirst.ts). */
  readonly pieces: (window: TimeWindow, nowMs: number) => readonly TimeWindow[];
  /** Undefined where to count the rows takes as long as to find them. */
  readonly count:
    | ((tx: TransactionSql, window: TimeWindow, filters: F, limit: number) => PendingQuery<SqlRow[]>)
    | undefined;
  readonly keys: (tx: TransactionSql, window: TimeWindow, filters: F, limit: number) => PendingQuery<SqlRow[]>;
  readonly rows: (tx: TransactionSql, page: K) => PendingQuery<SqlRow[]>;
}

/** The table of a search has to be read for it, and is so once. */
export const logTable = (filters: LogFilters): Table<LogFilters, LogKeyPage> => ({
  key: logKeyPage,
  row: logRow,
  pieces: (window, nowMs) =>
    filters.search === undefined ? piecesOf(window, null, listDays) : searchPieces(window, null, fileDays, nowMs),
  count: filters.search === undefined ? logCount : undefined,
  keys: logKeys,
  rows: logsByKey,
});

export const traceTable: Table<TraceFilters, TraceKeyPage> = {
  key: traceKeyPage,
  row: traceRow,
  pieces: (window) => piecesOf(window, null, listDays),
  count: traceCount,
  keys: traceKeys,
  rows: tracesByKey,
};

/**
 * Finds the newest rows of a window: whether there are more than a file holds, and, in the same snapshot but after this answers, where they lie, not what
 * they hold. They never change, so that each page is read in a transaction of its own: between pages, however slow the reader, no connection,
 * snapshot or lock is held.
 */
export async function findRows<F, K extends KeyPage>(
  deps: Pick<Deps, 'sql' | 'now'>,
  table: Table<F, K>,
  window: TimeWindow,
  filters: F,
  signal: AbortSignal,
): Promise<FoundRows> {
  const pieces = table.pieces(window, (deps.now ?? Date.now)());
  const cut = Promise.withResolvers<boolean>();
  const keys = readHeeding(deps.sql, signal, async (tx) => {
    if (table.count !== undefined) cut.resolve(await isTruncated(tx, table.count, pieces, filters, signal));
    const found = await findKeys(tx, table, pieces, filters, signal);
    cut.resolve(found.isTruncated);
    return found.keys;
  });
  // Thrown from here, or to whoever reads the rows.
  keys.catch(cut.reject);
  return { isTruncated: await cut.promise, pages: pagesOf(deps, table, keys, signal) };
}

async function isTruncated<F>(
  tx: TransactionSql,
  count: NonNullable<Table<F, KeyPage>['count']>,
  pieces: readonly TimeWindow[],
  filters: F,
  signal: AbortSignal,
): Promise<boolean> {
  let left = limits.exportRows + 1;
  for (const piece of pieces) {
    // A cancellation between two statements ends neither.
    signal.throwIfAborted();
    const [found] = checked(countRow, await count(tx, piece, filters, left));
    left -= found?.rows ?? 0;
    if (left === 0) return true;
  }
  return false;
}

async function findKeys<F, K extends KeyPage>(
  tx: TransactionSql,
  table: Table<F, K>,
  pieces: readonly TimeWindow[],
  filters: F,
  signal: AbortSignal,
): Promise<{ readonly keys: readonly K[]; readonly isTruncated: boolean }> {
  const keys: K[] = [];
  let left: number = limits.exportRows;
  for (const piece of pieces) {
    signal.throwIfAborted();
    for (const page of checked(table.key, await table.keys(tx, piece, filters, left))) {
      if (page.is_beyond) return { keys, isTruncated: true };
      keys.push(page);
      left -= page.size;
    }
  }
  return { keys, isTruncated: false };
}

async function* pagesOf<F, K extends KeyPage>(
  { sql, now = Date.now }: Pick<Deps, 'sql' | 'now'>,
  table: Table<F, K>,
  keys: Promise<readonly K[]>,
  signal: AbortSignal,
): AsyncGenerator<readonly Row[]> {
  for (const page of await keys) {
    const rows = await readHeeding(sql, signal, async (tx) => checked(table.row, await table.rows(tx, page)));
    // Only retention deletes, from the oldest on: the newest that is missing must lie beyond its line.
    const lost = page.instants
      .slice(1, -1)
      .split(',')
      .find((micros, index) => micros !== rows[index]?.ts_micros);
    if (lost !== undefined && Number(lost) / 1000 >= now() - retentionMs)
      throw new LostRowsError(`rows of an export are gone: ${page.size - rows.length} of ${page.size}`);
    yield rows.map(({ ts_micros: _, ts, ...rest }) => ({ ...rest, ts: ts.toISOString() }));
  }
}
