import { summary } from '@command-center/contract/api/summary';
import { defaultContract } from '@command-center/contract/contract';
import { createRoute } from '@hono/zod-openapi';
import type { z } from 'zod';
import type { Audit } from '../audit.ts';
import type { Deps } from '../deps.ts';
import { failureOf } from '../failures.ts';
import { limits } from '../limits.ts';
import { readSummary, summaryRow } from '../queries/readSummary.ts';
import { noParameters } from '../requests/parameters.ts';
import { runMessage } from '../statement.ts';
import { presentSummary } from '../summary/presentSummary.ts';
import { rememberedSummary } from '../summary/rememberedSummary.ts';
import { type Api, basePath, security, viewResponses } from './declaration.ts';

const route = createRoute({
  method: 'get',
  path: `${basePath}/summary`,
  summary: 'Is something wrong, what, and since when',
  security,
  request: { query: noParameters },
  responses: viewResponses('Summary', summary, 'Verdict, vital signs, services, alerts, metadata, freshness.'),
});

export function addSummary(api: Api, deps: Deps, audit: Audit): void {
  const { services } = deps.contract ?? defaultContract;
  const now = deps.now ?? Date.now;
  let last: { readonly row: z.infer<typeof summaryRow>; readonly readAtMs: number } | undefined;
  let awaySinceMs: number | undefined;
  api.openapi(route, async (c) => {
    try {
      const [found] = await runMessage(deps.sql, limits.statementMs, readSummary);
      const row = summaryRow.parse(found);
      last = { row, readAtMs: now() };
      awaySinceMs = undefined;
      return c.json(presentSummary(row, services, audit.failures()));
    } catch (error) {
      const { refusal } = failureOf(error);
      if (last === undefined || refusal.code !== 'database_unavailable') throw error;
      awaySinceMs ??= now();
      deps.log?.({ level: 'warn', event: refusal.code, message: refusal.detail, fields: { path: c.req.path } });
      const isProbed = deps.settings.probePostgresUrl === undefined;
      const away = { elapsedMs: now() - last.readAtMs, sinceMs: awaySinceMs, isProbed };
      return c.json(rememberedSummary(last.row, away, services, audit.failures()));
    }
  });
}
