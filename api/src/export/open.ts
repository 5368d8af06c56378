import { defaultContract } from '@command-center/contract/contract';
import type { Deps } from '../deps.ts';
import { slowSpanMs } from '../lists/slowSpans.ts';
import type { Refusal } from '../problems.ts';
import { type ExportQuery, foreignFilter } from '../requests/exportQuery.ts';
import { windowOf } from '../requests/window.ts';
import { questionOf } from '../trends/question.ts';
import type { ExportHead } from './document.ts';
import type { FoundRows } from './found.ts';
import { findPoints } from './metrics.ts';
import { findRows, logTable, traceTable } from './tables.ts';

/** An export whose rows are found, and none of them read. */
export interface OpenExport {
  readonly head: ExportHead;
  readonly found: FoundRows;
}

/** What is asked for, before anything is looked up: the part that a refusal costs nothing of. */
export interface ExportQuestion {
  /** Finds the rows. `signal`: whoever asked is gone. */
  open(signal: AbortSignal): Promise<OpenExport | { readonly refusal: Refusal }>;
}

/** Reads the parameters of an export; a refusal names the one at fault. */
export function exportQuestion(deps: Deps, query: ExportQuery): ExportQuestion | { readonly refusal: Refusal } {
  const nowMs = (deps.now ?? Date.now)();
  const foreign = foreignFilter(query);
  if (foreign !== undefined) return { refusal: foreign };
  const time = windowOf(query, nowMs);
  if ('refusal' in time) return time;
  const { window } = time;
  const opened = async (found: Promise<FoundRows | { readonly refusal: Refusal }>) => {
    const rows = await found;
    if ('refusal' in rows) return rows;
    const { type, format } = query;
    return { head: { type, format, window, isTruncated: rows.isTruncated }, found: rows };
  };
  if (query.type === 'logs')
    return { open: (signal) => opened(findRows(deps, logTable(query), window, query, signal)) };
  if (query.type === 'traces') {
    const filters = { ...query, status: query.status ?? 'all', slowMs: slowSpanMs(deps.settings) };
    return { open: (signal) => opened(findRows(deps, traceTable, window, filters, signal)) };
  }
  const asked = questionOf(query, (deps.contract ?? defaultContract).catalogue);
  if ('refusal' in asked) return asked;
  return { open: (signal) => opened(findPoints(deps, asked.question, window, nowMs, signal)) };
}
