import type { Traces } from '@command-center/contract/api/lists';
import { httpOk } from '@command-center/contract/reasons';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { limits } from '../limits.ts';
import { listTag } from '../lists/listTag.ts';
import { readTraces } from '../lists/readTraces.ts';
import { slowSpanMs } from '../lists/slowSpans.ts';
import { refuse } from '../problems.ts';
import type { TraceFilters } from '../queries/tracePage.ts';
import { createCursors } from '../requests/cursor.ts';
import { traceFilters } from '../requests/filters.ts';
import { type OpenPage, openPage } from '../requests/page.ts';
import { overTime, paged } from '../requests/parameters.ts';
import { withinTransaction } from '../statement.ts';
import { type Surroundings, type View, withQuery } from './view.ts';

export const tracesQuery = z.strictObject({
  ...traceFilters,
  ...overTime,
  ...paged,
});

export function tracesView({ deps, secret, now }: Surroundings): View {
  const cursors = createCursors(secret);
  const slowMs = slowSpanMs(deps.settings);
  return withQuery(tracesQuery, async (c, parameters) => {
    const opened = await openPage('traces', parameters, cursors, now());
    if ('refusal' in opened) return refuse(opened.refusal);
    const answer = await page(deps, { ...parameters, slowMs }, opened);
    return c.json(answer, httpOk, await listTag(answer));
  });
}

async function page(deps: Deps, filters: TraceFilters, opened: OpenPage): Promise<Traces> {
  const found = await withinTransaction(deps.sql, limits.statementMs, 'read only', (tx) =>
    readTraces(tx, { ...opened.page, filters }),
  );
  const { rows, next_cursor } = await opened.close(found, (row) => [row.trace_id, row.span_id]);
  return { items: rows.map(({ ts_micros: _, ts, ...rest }) => ({ ...rest, ts: ts.toISOString() })), next_cursor };
}
