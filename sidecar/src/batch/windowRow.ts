import { decodeSketch } from '@command-center/contract/sketch/codec';
import type { Window } from '../aggregate/window.ts';
import type { WindowRow } from '../store/windows.ts';

/** A window as it was before it was evicted. */
export function windowFromRow(row: WindowRow): Window {
  const { count, sum, min, max, last, lastMs } = row;
  return { count, sum, min, max, last, lastMs, spans: row.sketch === null ? null : decodeSketch(row.sketch) };
}
