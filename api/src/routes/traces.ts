import { type Traces, traces } from '@command-center/contract/api/lists';
import { createRoute } from '@hono/zod-openapi';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { limits } from '../limits.ts';
import { readTraces } from '../lists/readTraces.ts';
import { refuse } from '../problems.ts';
import type { TraceFilters } from '../queries/tracePage.ts';
import type { Cursors } from '../requests/cursor.ts';
import { type OpenPage, openPage } from '../requests/page.ts';
import { oneOf, overTime, paged, positive, text, traceId } from '../requests/parameters.ts';
import { withinTransaction } from '../statement.ts';
import { type Api, basePath, security, viewResponses } from './declaration.ts';

const query = z.strictObject({
  status: oneOf('error: status >= 500 or span status ERROR; slow: at or over the span threshold.', [
    'all',
    'error',
    'slow',
  ]).default('all'),
  domain: text('auth, chat, voice, ws, db, crypto, admin, other, or what the sender named.').optional(),
  route: text('A route template, as stored.').optional(),
  duration_min: positive('Milliseconds.').optional(),
  trace_id: traceId.optional(),
  ...overTime,
  ...paged,
});

const route = createRoute({
  method: 'get',
  path: `${basePath}/traces`,
  summary: 'Spans, newest first: metadata only',
  security,
  request: { query },
  responses: viewResponses('Traces', traces, 'A page; `next_cursor` is null at the end.'),
});

export function addTraces(api: Api, deps: Deps, cursors: Cursors): void {
  const { API_LATENCY_P95, DB_QUERY_P95 } = deps.settings.thresholds;
  const slowMs = { db: DB_QUERY_P95.warn, other: API_LATENCY_P95.warn };
  api.openapi(route, async (c) => {
    const parameters = c.req.valid('query');
    const opened = await openPage('traces', parameters, cursors, (deps.now ?? Date.now)());
    if ('refusal' in opened) return refuse(opened.refusal);
    return c.json(await page(deps, { ...parameters, slowMs }, opened));
  });
}

async function page(deps: Deps, filters: TraceFilters, opened: OpenPage): Promise<Traces> {
  const found = await withinTransaction(deps.sql, limits.statementMs, 'read only', (tx) =>
    readTraces(tx, { ...opened.page, filters }),
  );
  const { rows, next_cursor } = await opened.close(found, (row) => [row.trace_id, row.span_id]);
  return { items: rows.map(({ ts_micros: _, ts, ...rest }) => ({ ...rest, ts: ts.toISOString() })), next_cursor };
}
