import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  check,
  customType,
  doublePrecision,
  index,
  integer,
  json,
  jsonb,
  type PgColumnBuilderBase,
  pgSequence,
  pgTable,
  primaryKey,
  real,
  smallint,
  text,
  timestamp,
  unique,
  uuid,
} from 'drizzle-orm/pg-core';

/**
 * The tables of telemetry (design §4 and §5; those of who may look: adminSchema.ts), the one source of column and row types; drizzle/migrations makes them, and a test holds the two together.
 * Partitioning, storage parameters, checks and views stand in the migrations alone.
 */

export const bytea = customType<{ data: Uint8Array }>({ dataType: () => 'bytea' });
export const instant = () => timestamp({ withTimezone: true });
/** Counts of events: exact in a double up to 2^53. */
export const count = () => bigint({ mode: 'number' });
const onlyRow = () => boolean().primaryKey().default(true);

/** One writer's state of one series in one minute. */
const windowColumns = {
  ts: instant().notNull(),
  series_id: integer().notNull(),
  writer: integer().notNull(),
  value_count: count(),
  value_sum: doublePrecision(),
  value_min: doublePrecision(),
  value_max: doublePrecision(),
  value_last: doublePrecision(),
  value_last_ms: integer(),
  value_p50: real(),
  value_p95: real(),
  value_p99: real(),
  sketch: bytea(),
} satisfies Record<string, PgColumnBuilderBase>;

export const metricSeries = pgTable(
  'telemetry_metric_series',
  {
    id: integer().primaryKey().generatedAlwaysAsIdentity(),
    metric_name: text().notNull(),
    scope: text().notNull().default('cluster'),
    labels: jsonb().$type<Readonly<Record<string, string | true>>>().notNull(),
    last_seen: instant().notNull().defaultNow(),
  },
  (table) => [unique().on(table.metric_name, table.scope, table.labels)],
);

export const metricBudgets = pgTable('telemetry_metric_budgets', { metric_name: text().primaryKey() });

export const metricSources = pgTable(
  'telemetry_metric_sources',
  {
    holder: text().notNull(),
    metric_name: text().notNull(),
    source: text().notNull(),
    from_minute: instant().notNull(),
    last_seen: instant().notNull(),
  },
  (table) => [primaryKey({ columns: [table.holder, table.metric_name, table.source, table.from_minute] })],
);

export const writers = pgSequence('telemetry_writers');

export const openWindows = pgTable('telemetry_open_windows', windowColumns, (table) => [
  primaryKey({ columns: [table.series_id, table.ts, table.writer] }),
]);

export const metricSamples = pgTable('telemetry_metric_samples', windowColumns, (table) => [
  primaryKey({ columns: [table.series_id, table.ts, table.writer] }),
]);

/** Numbers of an hour's minutes; which column holds them says migration 0003. */
const packedColumns = {
  hour: instant().notNull(),
  series_id: integer().notNull(),
  minutes: smallint().array(),
  value_count: real().array(),
  value_count_wide: doublePrecision().array(),
  value_sum: real().array(),
  value_sum_wide: doublePrecision().array(),
  value_min: real().array(),
  value_min_wide: doublePrecision().array(),
  value_max: real().array(),
  value_max_wide: doublePrecision().array(),
  value_last: real().array(),
  value_last_wide: doublePrecision().array(),
  value_last_ms: integer().array(),
  value_p50: real().array(),
  value_p95: real().array(),
  value_p99: real().array(),
} satisfies Record<string, PgColumnBuilderBase>;

export const metricPacked = pgTable('telemetry_metric_packed', packedColumns, (table) => [
  primaryKey({ columns: [table.series_id, table.hour] }),
]);

export const metricSketches = pgTable(
  'telemetry_metric_sketches',
  { hour: instant().notNull(), series_id: integer().notNull(), sketches: bytea().notNull() },
  (table) => [primaryKey({ columns: [table.series_id, table.hour] })],
);

export const dirtyHours = pgTable('telemetry_dirty_hours', {
  hour: instant().notNull(),
  series_id: integer().notNull(),
});

export const rollupProgress = pgTable('telemetry_rollup_progress', {
  only_row: onlyRow(),
  next_hour: instant().notNull(),
  next_packed_hour: instant().notNull(),
  next_merged_hour: instant().notNull(),
});

export const mergedMinutes = pgTable(
  'telemetry_merged_minutes',
  { metric_name: text().notNull(), hour: instant().notNull(), size: smallint().notNull(), points: json().notNull() },
  (table) => [primaryKey({ columns: [table.metric_name, table.hour] })],
);

export const mergedHours = pgTable(
  'telemetry_merged_hours',
  { metric_name: text().notNull(), hour: instant().notNull(), point: json().notNull() },
  (table) => [primaryKey({ columns: [table.metric_name, table.hour] })],
);

export const unmergedHours = pgTable('telemetry_unmerged_hours', {
  hour: instant().notNull(),
  metric_name: text().notNull(),
});

export const trendRollups = pgTable(
  'telemetry_trend_rollups',
  {
    bucket: instant().notNull(),
    resolution: text({ enum: ['1h', '1d'] }).notNull(),
    series_id: integer().notNull(),
    sample_count: count().notNull(),
    value_count: count(),
    value_sum: doublePrecision(),
    value_min: doublePrecision(),
    value_max: doublePrecision(),
    value_last: doublePrecision(),
    value_p50: real(),
    value_p95: real(),
    value_p99: real(),
    max_p95: real(),
    total_count: count(),
    error_count: count(),
    sketch: bytea(),
  },
  (table) => [
    primaryKey({ columns: [table.series_id, table.resolution, table.bucket] }),
    check('telemetry_trend_rollups_resolution_check', sql`resolution IN ('1h', '1d')`),
  ],
);

export const logEvents = pgTable(
  'telemetry_log_events',
  {
    id: uuid().notNull(),
    ts: instant().notNull(),
    level: text({ enum: ['WARN', 'ERROR'] }).notNull(),
    service: text().notNull(),
    domain: text().notNull(),
    event: text().notNull(),
    message: text().notNull(),
    trace_id: text(),
    span_id: text(),
    sampled: boolean().notNull().default(true),
    attrs: jsonb().$type<Readonly<Record<string, string>>>().notNull().default({}),
  },
  (table) => [
    primaryKey({ columns: [table.ts, table.id] }),
    index('idx_tle_level_ts').on(table.level, table.ts),
    index('idx_tle_domain').on(sql`hashtext((level || domain))`, table.ts),
    index('idx_tle_service').on(sql`hashtext((level || service))`, table.ts),
    index('idx_tle_domain_service').on(sql`hashtext(((level || domain) || service))`, table.ts),
    index('idx_tle_trace_id').on(table.trace_id).where(sql`trace_id IS NOT NULL`),
  ],
);

export const traceIndex = pgTable(
  'telemetry_trace_index',
  {
    trace_id: text().notNull(),
    span_id: text().notNull(),
    span_name: text().notNull(),
    domain: text().notNull(),
    route: text(),
    status_code: text(),
    is_error: boolean().notNull(),
    duration_ms: doublePrecision().notNull(),
    ts: instant().notNull(),
    service: text().notNull(),
    sampled: boolean().notNull().default(true),
  },
  (table) => [
    primaryKey({ columns: [table.ts, table.trace_id, table.span_id] }),
    index('idx_tti_error').on(table.ts, table.domain, sql`hashtext(route)`).where(sql`is_error`),
    index('idx_tti_domain_ts').on(table.domain, table.ts),
    index('idx_tti_slow')
      .on(table.ts, table.duration_ms, table.domain, sql`hashtext(route)`)
      .where(sql`duration_ms >= (100)::double precision`),
    index('idx_tti_route').on(sql`hashtext(route)`, table.ts).where(sql`route IS NOT NULL`),
    index('idx_tti_trace_id').on(table.trace_id),
  ],
);

export const streamState = pgTable(
  'telemetry_stream_state',
  {
    owner: uuid().notNull(),
    depth: smallint().notNull(),
    prefix: integer().notNull(),
    is_split: boolean().notNull().default(false),
    version: integer().notNull(),
    /** Nanoseconds since the epoch: past 2^53. */
    first_time: bigint({ mode: 'bigint' }).notNull(),
    last_seen: instant().notNull().defaultNow(),
    state: bytea().notNull(),
  },
  (table) => [primaryKey({ columns: [table.owner, table.depth, table.prefix] })],
);

export const leader = pgTable('telemetry_leader', {
  only_row: onlyRow(),
  holder: integer().notNull(),
  until: instant().notNull(),
});

export const serviceHealth = pgTable('telemetry_service_health', {
  service_id: text().primaryKey(),
  status: text().notNull(),
  reason: text().notNull(),
  since: instant().notNull(),
  checked_at: instant().notNull(),
});

export const healthTransitions = pgTable(
  'telemetry_health_transitions',
  {
    ts: instant().notNull(),
    service_id: text().notNull(),
    old_status: text().notNull(),
    new_status: text().notNull(),
    reason: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.ts, table.service_id] })],
);

export const summary = pgTable('telemetry_summary', {
  only_row: onlyRow(),
  written_at: instant().notNull(),
  writer: integer().notNull(),
  /** storedSummary of contract/src/api/summary.ts. */
  summary: jsonb().notNull(),
});

export const intake = pgTable(
  'telemetry_intake',
  {
    minute: instant().notNull(),
    writer: integer().notNull(),
    signal: text().notNull(),
    service: text().notNull(),
    outcome: text({ enum: ['received', 'stored', 'dropped', 'refused', 'noted', 'masked'] }).notNull(),
    /** A code of contract/src/reasons.ts, of `masked` a redaction rule, of `stored` log records their level; else ''. */
    reason: text().notNull(),
    name: text().notNull(),
    count: count().notNull(),
  },
  (table) => [
    primaryKey({
      columns: [table.minute, table.writer, table.signal, table.service, table.outcome, table.reason, table.name],
    }),
  ],
);
