import type { Fragment, ISql } from 'postgres';
import type { TimeWindow } from '../requests/window.ts';
import { allOf, containing } from './conditions.ts';

/** What chooses the rows of `telemetry_log_events`. */
export interface LogFilters {
  readonly level?: 'WARN' | 'ERROR' | undefined;
  readonly domain?: string | undefined;
  readonly service?: string | undefined;
  readonly trace_id?: string | undefined;
  /** Found anywhere in event or message, whatever its case. */
  readonly search?: string | undefined;
}

/** The WHERE clause of the log lists. */
export function logConditions(sql: ISql, window: TimeWindow, filters: LogFilters): Fragment {
  const conditions = [sql`ts >= ${new Date(window.fromMs)}`, sql`ts < ${new Date(window.toMs)}`];
  if (filters.level !== undefined) conditions.push(sql`level = ${filters.level}`);
  if (filters.domain !== undefined) conditions.push(sql`domain = ${filters.domain}`);
  if (filters.service !== undefined) conditions.push(sql`service = ${filters.service}`);
  if (filters.trace_id !== undefined) conditions.push(sql`trace_id = ${filters.trace_id}`);
  if (filters.search !== undefined) {
    const pattern = containing(filters.search);
    conditions.push(sql`(event ILIKE ${pattern} OR message ILIKE ${pattern})`);
  }
  return allOf(sql, conditions);
}
