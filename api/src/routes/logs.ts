import type { Logs } from '@command-center/contract/api/lists';
import { httpOk } from '@command-center/contract/reasons';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { limits } from '../limits.ts';
import { listTag } from '../lists/listTag.ts';
import { readLogs } from '../lists/readLogs.ts';
import { refuse } from '../problems.ts';
import { logGroupRow, logGroups } from '../queries/logGroups.ts';
import { createCursors } from '../requests/cursor.ts';
import { logFilters } from '../requests/filters.ts';
import { type OpenPage, openPage } from '../requests/page.ts';
import { oneOf, overTime, paged } from '../requests/parameters.ts';
import { readRows, withinTransaction } from '../statement.ts';
import { type Surroundings, type View, withQuery } from './view.ts';

export const logsQuery = z.strictObject({
  ...logFilters,
  group: oneOf('1: repeats of one level, service, domain and event as one row.', ['0', '1']).optional(),
  ...overTime,
  ...paged,
});
type Query = z.infer<typeof logsQuery>;

export function logsView({ deps, secret, now }: Surroundings): View {
  const cursors = createCursors(secret);
  return withQuery(logsQuery, async (c, parameters) => {
    const opened = await openPage('logs', parameters, cursors, now());
    if ('refusal' in opened) return refuse(opened.refusal);
    const answer = await (parameters.group === '1' ? grouped : single)(deps, parameters, opened);
    return c.json(answer, httpOk, await listTag(answer));
  });
}

async function single(deps: Deps, filters: Query, opened: OpenPage): Promise<Logs> {
  const found = await withinTransaction(deps.sql, limits.statementMs, 'read only', (tx) =>
    readLogs(tx, { ...opened.page, filters }, (deps.now ?? Date.now)()),
  );
  const { rows, next_cursor } = await opened.close(found, (row) => [row.id]);
  return { items: rows.map(({ ts_micros: _, ts, ...rest }) => ({ ...rest, ts: ts.toISOString() })), next_cursor };
}

async function grouped(deps: Deps, filters: Query, opened: OpenPage): Promise<Logs> {
  const found = await readRows(deps.sql, logGroupRow, (tx) => logGroups(tx, { ...opened.page, filters }));
  const { rows, next_cursor } = await opened.close(found, (row) => [row.id]);
  return {
    items: rows.map(({ ts_micros: _, ts, first_ts, ...rest }) => ({
      ...rest,
      ts: ts.toISOString(),
      first_ts: first_ts.toISOString(),
    })),
    next_cursor,
  };
}
