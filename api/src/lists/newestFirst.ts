import type { Position } from '../requests/cursor.ts';
import type { TimeWindow } from '../requests/window.ts';

const dayMs = 86_400_000;

/**
 * Cuts a window into pieces of so many days, the newest first, at midnight UTC, where its partitions have their edges: a statement is planned for each
 * partition it may read, so that a list that the newest days fill asks for these alone. The last length is that of all that is left.
 */
export function piecesOf(
  window: TimeWindow,
  after: Pick<Position, 'tsMicros'> | null,
  days: readonly number[],
): readonly TimeWindow[] {
  // Nothing on the page is newer than the last row of the page before.
  let toMs = after === null ? window.toMs : Math.min(window.toMs, Math.floor(Number(after.tsMicros) / 1000) + 1);
  const pieces: TimeWindow[] = [];
  let edgeMs = Math.ceil(toMs / dayMs) * dayMs;
  for (const length of days) {
    edgeMs -= length * dayMs;
    const fromMs = Math.max(edgeMs, window.fromMs);
    if (fromMs >= toMs) break;
    pieces.push({ fromMs, toMs });
    toMs = fromMs;
  }
  if (toMs > window.fromMs) pieces.push({ fromMs: window.fromMs, toMs });
  return pieces;
}

/** The same pieces, the one that `atMs` lies within in two. */
export function cutAt(pieces: readonly TimeWindow[], atMs: number): readonly TimeWindow[] {
  return pieces.flatMap((piece) =>
    piece.fromMs < atMs && atMs < piece.toMs
      ? [
          { fromMs: atMs, toMs: piece.toMs },
          { fromMs: piece.fromMs, toMs: atMs },
        ]
      : [piece],
  );
}

/** Reads piece after piece until there are as many rows as are wanted; each is read newest first. */
export async function newestFirst<R>(
  pieces: readonly TimeWindow[],
  wanted: number,
  read: (piece: TimeWindow, wanted: number) => Promise<readonly R[]>,
): Promise<R[]> {
  const rows: R[] = [];
  for (const piece of pieces) {
    if (rows.length >= wanted) break;
    rows.push(...(await read(piece, wanted - rows.length)));
  }
  return rows;
}
