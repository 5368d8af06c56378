import type { PageParameters } from '../queries/logPage.ts';
import { bindingOf, type Cursors, type Position } from './cursor.ts';
import { type BadParameter, badParameter, type TimeParameters, windowOf } from './window.ts';

interface ListParameters extends TimeParameters {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export interface OpenPage {
  /** The statement's parameters, but for the filters. */
  readonly page: Omit<PageParameters<never>, 'filters'>;
  /** Cuts the one row too many off and makes the next cursor of the last that stays; null at the end of the list. */
  close<R extends { readonly ts_micros: string }>(
    rows: readonly R[],
    idsOf: (row: R) => string[],
  ): Promise<{ readonly rows: readonly R[]; readonly next_cursor: string | null }>;
}

/**
 * Opens a page of a list: the first within the window that is asked for, later ones within the window of the first, below where the page before ended.
 */
export async function openPage(
  list: string,
  parameters: ListParameters,
  cursors: Cursors,
  nowMs: number,
): Promise<OpenPage | { readonly refusal: BadParameter }> {
  const binding = bindingOf(list, { ...parameters });
  const time = windowOf(parameters, nowMs);
  if ('refusal' in time) return time;
  let after: Position | null = null;
  if (parameters.cursor !== undefined) {
    after = await cursors.read(binding, parameters.cursor);
    if (after === null) {
      return {
        refusal: badParameter(
          'cursor',
          'cursor must be the next_cursor of this list with the same filters, unchanged.',
        ),
      };
    }
  }
  const window = after === null ? time.window : { fromMs: after.fromMs, toMs: after.toMs };
  const { limit } = parameters;
  return {
    page: { window, after, limit },
    async close(rows, idsOf) {
      const kept = rows.slice(0, limit);
      const last = kept.at(-1);
      if (rows.length <= limit || last === undefined) return { rows: kept, next_cursor: null };
      const position = { ...window, tsMicros: last.ts_micros, ids: idsOf(last) };
      return { rows: kept, next_cursor: await cursors.write(binding, position) };
    },
  };
}
