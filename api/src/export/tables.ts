import { retentionMs } from '@command-center/contract/retention';
import type { PendingQuery, Row as SqlRow, TransactionSql } from 'postgres';
import type { z } from 'zod';
import type { Deps } from '../deps.ts';
import { limits } from '../limits.ts';
import { newestFirst, piecesOf } from '../lists/newestFirst.ts';
import { searchDays } from '../lists/readLogs.ts';
import { listDays } from '../lists/readTraces.ts';
import type { LogFilters } from '../queries/logConditions.ts';
import { type LogKey, logKey, logKeys } from '../queries/logKeys.ts';
import { logRow } from '../queries/logPage.ts';
import { logsByKey } from '../queries/logsByKey.ts';
import { type TraceKey, traceKey, traceKeys } from '../queries/traceKeys.ts';
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
interface Table<F, K extends { readonly ts_micros: string }> {
  readonly key: z.ZodType<K>;
  readonly row: z.ZodType<Stored>;
  /** Lengths of the pieces of a window: lists/newestFirst.ts. */
  readonly days: (filters: F) => readonly number[];
  readonly keys: (tx: TransactionSql, window: TimeWindow, filters: F, limit: number) => PendingQuery<SqlRow[]>;
  readonly rows: (tx: TransactionSql, keys: readonly K[]) => PendingQuery<SqlRow[]>;
}

export const logTable: Table<LogFilters, LogKey> = {
  key: logKey,
  row: logRow,
  days: ({ search }) => (search === undefined ? listDays : searchDays),
  keys: logKeys,
  rows: logsByKey,
};

export const traceTable: Table<TraceFilters, TraceKey> = {
  key: traceKey,
  row: traceRow,
  days: () => listDays,
  keys: traceKeys,
  rows: tracesByKey,
};

/**
 * Finds the newest rows of a window: where they lie, not what they hold, so that it is known beforehand how many there are. They never change, so
 * that each page is read in a transaction of its own: between pages, however slow the reader, no connection, snapshot or lock is held.
 */
export async function findRows<F, K extends { readonly ts_micros: string }>(
  deps: Pick<Deps, 'sql' | 'now'>,
  table: Table<F, K>,
  window: TimeWindow,
  filters: F,
  signal: AbortSignal,
): Promise<FoundRows> {
  const found = await readHeeding(deps.sql, signal, (tx) =>
    newestFirst(piecesOf(window, null, table.days(filters)), limits.exportRows + 1, async (piece, wanted) => {
      // A cancellation between two statements ends neither.
      signal.throwIfAborted();
      return checked(table.key, await table.keys(tx, piece, filters, wanted));
    }),
  );
  const keys = found.slice(0, limits.exportRows);
  return { count: keys.length, isTruncated: found.length > keys.length, pages: pagesOf(deps, table, keys, signal) };
}

async function* pagesOf<F, K extends { readonly ts_micros: string }>(
  { sql, now = Date.now }: Pick<Deps, 'sql' | 'now'>,
  table: Table<F, K>,
  keys: readonly K[],
  signal: AbortSignal,
): AsyncGenerator<readonly Row[]> {
  for (let at = 0; at < keys.length; at += limits.exportPageRows) {
    const wanted = keys.slice(at, at + limits.exportPageRows);
    const rows = await readHeeding(sql, signal, async (tx) => checked(table.row, await table.rows(tx, wanted)));
    // Only retention deletes, from the oldest on: the newest that is missing must lie beyond its line.
    const lost = wanted.find((key, index) => key.ts_micros !== rows[index]?.ts_micros);
    if (lost !== undefined && Number(lost.ts_micros) / 1000 >= now() - retentionMs)
      throw new LostRowsError(`rows of an export are gone: ${wanted.length - rows.length} of ${wanted.length}`);
    yield rows.map(({ ts_micros: _, ts, ...rest }) => ({ ...rest, ts: ts.toISOString() }));
  }
}
