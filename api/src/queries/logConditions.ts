import type { Fragment, ISql } from 'postgres';
import type { TimeWindow } from '../requests/window.ts';
import { allOf, containing } from './conditions.ts';

const levels = ['WARN', 'ERROR'] as const;
type Level = (typeof levels)[number];

/** What chooses the rows of `telemetry_log_events`. */
export interface LogFilters {
  readonly level?: Level | undefined;
  readonly domain?: string | undefined;
  readonly service?: string | undefined;
  readonly trace_id?: string | undefined;
  /** Found anywhere in event or message, whatever its case. */
  readonly search?: string | undefined;
}

/** The WHERE clause of the log lists, whatever the order of their rows. */
export function logConditions(sql: ISql, window: TimeWindow, filters: LogFilters): Fragment {
  return allOf(sql, [
    ...within(sql, window),
    ...chosen(sql, filters),
    ...(filters.search === undefined ? [] : found(sql, filters.search)),
  ]);
}

/**
 * The same, but for the search, as clauses whose rows lie together in one index in order of time: an index by domain or service begins with the level, so
 * that a list of both levels is two of its ranges.
 */
export function logRanges(sql: ISql, window: TimeWindow, filters: LogFilters): Fragment[] {
  const isByLevel = filters.domain !== undefined || filters.service !== undefined;
  const each = isByLevel && filters.level === undefined && filters.trace_id === undefined ? levels : [filters.level];
  return each.map((level) => allOf(sql, [...within(sql, window), ...chosen(sql, { ...filters, level })]));
}

function within(sql: ISql, { fromMs, toMs }: TimeWindow): Fragment[] {
  return [sql`ts >= ${new Date(fromMs)}`, sql`ts < ${new Date(toMs)}`];
}

function chosen(sql: ISql, { level, domain, service, trace_id }: LogFilters): Fragment[] {
  const conditions: Fragment[] = [];
  if (trace_id !== undefined) conditions.push(sql`trace_id = ${trace_id}`);
  if (domain === undefined && service === undefined) {
    return level === undefined ? conditions : [...conditions, sql`level = ${level}`];
  }
  // The expressions of the indexes (docs/adr/0014).
  const key =
    domain === undefined
      ? sql`hashtext(level || service)`
      : service === undefined
        ? sql`hashtext(level || domain)`
        : sql`hashtext(level || domain || service)`;
  const keys = (level === undefined ? levels : [level])
    .map((one): Fragment => sql`hashtext(${`${one}${domain ?? ''}${service ?? ''}`})`)
    .reduce((left, right) => sql`${left}, ${right}`);
  conditions.push(sql`${key} IN (${keys})`);
  // Beyond the hash, as functions: as operators the planner would take them for further choices, and expect next to no rows.
  if (level !== undefined) conditions.push(sql`NOT textne(level, ${level})`);
  if (domain !== undefined) conditions.push(sql`NOT textne(domain, ${domain})`);
  if (service !== undefined) conditions.push(sql`NOT textne(service, ${service})`);
  return conditions;
}

/** The text of a record as the index of a closed day holds it (the sidecar's lead/closeDays.ts). */
function found(sql: ISql, phrase: string): Fragment[] {
  const pattern = containing(phrase);
  const anywhere = sql`(event || chr(10) || message) ILIKE ${pattern}`;
  // Only a phrase with a line break can be found across the seam.
  return phrase.includes('\n') ? [anywhere, sql`(event ILIKE ${pattern} OR message ILIKE ${pattern})`] : [anywhere];
}

/** Whether the text of a record holds the phrase. */
export function holdsPhrase(sql: ISql, phrase: string): Fragment {
  return allOf(sql, found(sql, phrase));
}
