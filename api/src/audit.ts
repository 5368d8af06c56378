import type { Sql } from 'postgres';
import type { Deps } from './deps.ts';
import { grouped } from './grouped.ts';
import { limits } from './limits.ts';
import { type AuditRow, writeAuditRows } from './queries/writeAuditRows.ts';
import { runMessage } from './statement.ts';

export interface Access {
  readonly actor: string;
  /** Path without query. */
  readonly endpoint: string;
  readonly filters: Readonly<Record<string, unknown>>;
  readonly status: number;
}

/** Keeps the audit log (interfaces.md §2). Views that end while others are being recorded are recorded together after them. */
export interface Audit {
  /** Never rejects: a view that could not be recorded is counted and logged, and still answered. */
  record(access: Access): Promise<void>;
  /** Rows that could not be written since this process started. */
  failures(): number;
}

const action = 'admin.observability.view';
/** What a person typed, and what stands for a position in it, is nobody's business. */
const unrecordedFilters: ReadonlySet<string> = new Set(['search', 'cursor']);

export function createAudit(deps: Pick<Deps, 'sql' | 'log' | 'areRequestsApart'>): Audit {
  let failureCount = 0;
  const rows = grouped<AuditRow>(limits.auditRows, (group) => write(deps.sql, group));
  const add = (row: AuditRow) => (deps.areRequestsApart ? write(deps.sql, [row]) : rows.add(row));
  return {
    async record(access) {
      try {
        await add({ ...access, action, filters: recorded(access.filters), count: 1 });
      } catch (error) {
        failureCount += 1;
        const reason = error instanceof Error ? error.message : 'unknown';
        deps.log?.({
          level: 'error',
          event: 'audit_write_failed',
          message: 'A view was answered but could not be recorded in admin_audit_log.',
          fields: { endpoint: access.endpoint, reason },
        });
      }
    },
    failures: () => failureCount,
  };
}

async function write(sql: Sql, rows: readonly AuditRow[]): Promise<void> {
  const alike = Map.groupBy(rows, ({ actor, endpoint, filters, status }) =>
    JSON.stringify([actor, endpoint, filters, status]),
  );
  const counted = [...alike.values()].flatMap(([row, ...others]) =>
    row === undefined ? [] : [{ ...row, count: 1 + others.length }],
  );
  await runMessage(sql, limits.auditMs, writeAuditRows(counted));
}

/** The filters that may be kept, keys sorted so that equal views share a row; without them where they would not fit the row's index entry. */
function recorded(filters: Access['filters']): Record<string, string | string[]> {
  const kept: Record<string, string | string[]> = {};
  for (const key of Object.keys(filters).sort()) {
    const value = filters[key];
    if (unrecordedFilters.has(key) || value === undefined) continue;
    kept[key] = Array.isArray(value) ? value.map(String) : String(value);
  }
  const bytes = new TextEncoder().encode(JSON.stringify(kept)).length;
  return bytes <= limits.auditFilterBytes ? kept : { omitted: `${bytes} bytes` };
}
