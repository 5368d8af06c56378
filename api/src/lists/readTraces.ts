import type { TransactionSql } from 'postgres';
import type { z } from 'zod';
import type { PageParameters } from '../queries/logPage.ts';
import { type TraceFilters, tracePage, traceRow } from '../queries/tracePage.ts';
import { checked } from '../statement.ts';
import { newestFirst, piecesOf } from './newestFirst.ts';

/** Days that a list asks for before all others: to plan for 31 takes longer than to read a page. */
export const listDays = [2];

/** A page of spans and one more, if there is one. */
export function readTraces(
  tx: TransactionSql,
  page: PageParameters<TraceFilters>,
): Promise<z.output<typeof traceRow>[]> {
  return newestFirst(piecesOf(page.window, page.after, listDays), page.limit + 1, async (piece, wanted) =>
    checked(traceRow, await tracePage(tx, { ...page, window: piece, limit: wanted - 1 })),
  );
}
