import type { TransactionSql } from 'postgres';
import type { z } from 'zod';
import type { LogFilters } from '../queries/logConditions.ts';
import { logPage, logRow, logSearch, logSearchNewest, type PageParameters } from '../queries/logPage.ts';
import { checked } from '../statement.ts';
import { newestFirst, piecesOf } from './newestFirst.ts';
import { listDays } from './readTraces.ts';

/** Records that are looked through before anything else: a few milliseconds. */
const NEWEST = 1_000;
/**
 * Days of one look of a search: each finds all there is before it is put in order, so that the first are short; a day that holds few makes the next look
 * twice as long.
 */
export const searchDays = [1, 1, 2, 4, 8];

/** A page of log records and one more, if there is one. */
export async function readLogs(
  tx: TransactionSql,
  page: PageParameters<LogFilters>,
): Promise<z.output<typeof logRow>[]> {
  const { window, after, limit, filters } = page;
  const { search, ...others } = filters;
  const newest = piecesOf(window, after, listDays);
  if (search === undefined) {
    return newestFirst(newest, limit + 1, async (piece, wanted) =>
      checked(logRow, await logPage(tx, { ...page, window: piece, limit: wanted - 1 })),
    );
  }
  const recent = { ...page, window: newest[0] ?? window, filters: others };
  const seen = checked(logRow, await logSearchNewest(tx, recent, search, NEWEST));
  if (seen.length > limit) return seen;
  return newestFirst(piecesOf(window, after, searchDays), limit + 1, async (piece, wanted) =>
    checked(logRow, await logSearch(tx, { ...page, window: piece, limit: wanted - 1 })),
  );
}
