import type { TransactionSql } from 'postgres';
import type { z } from 'zod';
import type { LogFilters } from '../queries/logConditions.ts';
import { logPage, logRow, logSearch, logSearchNewest, newestLogRow, type PageParameters } from '../queries/logPage.ts';
import type { Position } from '../requests/cursor.ts';
import type { TimeWindow } from '../requests/window.ts';
import { checked } from '../statement.ts';
import { cutAt, newestFirst, piecesOf } from './newestFirst.ts';
import { listDays } from './readTraces.ts';

/** Records that are looked through before anything else: a few milliseconds. */
const NEWEST = 500;
/**
 * Days of one look of a search that is to fill a page, the open day first: each finds all there is before it is put in order, so that the first are short,
 * and each costs a round trip.
 */
const pageDays = [1, 4];
/** The same for up to ten thousand records. */
export const fileDays = [1, 1, 1, 1, 4];

const hourMs = 3_600_000;
/** Within so much of its end an hour gets its index for searches (the sidecar's lead/earlyIndex.ts). */
const indexedAfterMs = 900_000;

/** Pieces of a window for a search: of the open day the part that has its index lies apart from the part that is read. */
export function searchPieces(
  window: TimeWindow,
  after: Pick<Position, 'tsMicros'> | null,
  days: readonly number[],
  nowMs: number,
): readonly TimeWindow[] {
  return cutAt(piecesOf(window, after, days), Math.floor((nowMs - indexedAfterMs) / hourMs) * hourMs);
}

type LogRow = z.output<typeof logRow>;

/** A page of log records and one more, if there is one. `look`: records that a search looks through before anything else. */
export async function readLogs(
  tx: TransactionSql,
  page: PageParameters<LogFilters>,
  nowMs: number,
  look = NEWEST,
): Promise<readonly LogRow[]> {
  const { window, after, limit, filters } = page;
  const { search, ...others } = filters;
  const recent = piecesOf(window, after, listDays);
  if (search === undefined) {
    return newestFirst(recent, limit + 1, async (piece, wanted) =>
      checked(logRow, await logPage(tx, { ...page, window: piece, limit: wanted - 1 })),
    );
  }
  const newest = { ...page, window: recent[0] ?? window, filters: others };
  const { seen, last } = await searchNewest(tx, newest, search, look);
  if (seen.length > limit) return seen;
  // Without a last one all of that piece was looked through.
  const rest = last === undefined ? { ...window, toMs: newest.window.fromMs } : window;
  const position = last === undefined ? null : { ...rest, tsMicros: last.ts_micros, ids: [last.id] };
  const older = await newestFirst(
    searchPieces(rest, position, pageDays, nowMs),
    limit + 1 - seen.length,
    async (piece, wanted) =>
      checked(logRow, await logSearch(tx, { ...page, after: position, window: piece, limit: wanted - 1 })),
  );
  return [...seen, ...older];
}

/** What the newest records hold of it, and the last of them, where there are older ones in their window. */
async function searchNewest(
  tx: TransactionSql,
  page: PageParameters<LogFilters>,
  phrase: string,
  look: number,
): Promise<{ readonly seen: readonly LogRow[]; readonly last: LogRow | undefined }> {
  const rows = checked(newestLogRow, await logSearchNewest(tx, page, phrase, look));
  return {
    seen: rows.filter(({ is_found }) => is_found).map(({ is_found: _, is_last: __, ...row }) => row),
    last: rows.find(({ is_last }) => is_last),
  };
}
