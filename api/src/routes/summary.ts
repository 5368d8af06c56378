import type { Summary } from '@command-center/contract/api/summary';
import { defaultContract } from '@command-center/contract/contract';
import { presentSummary, type SummaryRow, summaryRow } from '@command-center/contract/summary/present';
import { failureOf } from '../failures.ts';
import { limits } from '../limits.ts';
import { readSummary } from '../queries/readSummary.ts';
import { runMessage } from '../statement.ts';
import { rememberedSummary } from '../summary/rememberedSummary.ts';
import { type Surroundings, type View, withoutQuery } from './view.ts';

export function summaryView({ deps, audit, now }: Surroundings): View {
  const { services } = deps.contract ?? defaultContract;
  let last: { readonly row: SummaryRow; readonly readAtMs: number } | undefined;
  let awaySinceMs: number | undefined;
  return withoutQuery(async (c) => {
    try {
      const [found] = await runMessage(deps.sql, limits.statementMs, readSummary);
      const row = summaryRow.parse(found);
      last = { row, readAtMs: now() };
      awaySinceMs = undefined;
      return c.json(presentSummary(row, services, audit.failures()) satisfies Summary);
    } catch (error) {
      const { refusal } = failureOf(error);
      if (last === undefined || refusal.code !== 'database_unavailable') throw error;
      awaySinceMs ??= now();
      deps.log?.({ level: 'warn', event: refusal.code, message: refusal.detail, fields: { path: c.req.path } });
      const isProbed = deps.settings.probePostgresUrl === undefined;
      const away = { elapsedMs: now() - last.readAtMs, sinceMs: awaySinceMs, isProbed };
      return c.json(rememberedSummary(last.row, away, services, audit.failures()) satisfies Summary);
    }
  });
}
