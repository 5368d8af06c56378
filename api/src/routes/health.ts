import { problem } from '@command-center/contract/api/primitives';
import { httpOk, reasons } from '@command-center/contract/reasons';
import { createRoute } from '@hono/zod-openapi';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { problemMediaType } from '../problems.ts';
import { ping, pingRow } from '../queries/ping.ts';
import { readRows } from '../statement.ts';
import { type Api, problemName } from './declaration.ts';

const schema = z.object({ status: z.literal('ok'), version: z.string() });

const route = createRoute({
  method: 'get',
  path: '/healthz',
  summary: 'Whether this process and its database answer',
  responses: {
    [httpOk]: { description: 'Both do.', content: { 'application/json': { schema } } },
    default: {
      description: reasons.database_unavailable.title,
      content: { [problemMediaType]: { schema: problem.meta({ id: problemName }) } },
    },
  },
});

export function addHealth(api: Api, deps: Deps): void {
  api.openapi(route, async (c) => {
    await readRows(deps.sql, pingRow, ping);
    return c.json({ status: 'ok', version: deps.version } as const, httpOk);
  });
}
