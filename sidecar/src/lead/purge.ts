import { minuteSketchesFromMs, retentionDays } from '@command-center/contract/retention';
import {
  dropPartition,
  endOfPartition,
  ensurePartitionsAhead,
  listPartitions,
} from '@command-center/drizzle/partitions';
import type { Sql } from 'postgres';
import { asLeader } from './lease.ts';

/** Partitions are made this many days ahead (design §4). */
const DAYS_AHEAD = 3;
/** A series goes this long after its last sample: a day after its samples went. */
const SERIES_DAYS = retentionDays + 1;

export interface Purged {
  readonly rows: number;
  readonly partitions: readonly string[];
  readonly durationMs: number;
}

/**
 * Retention (design §4): nothing older than 30 days stays. Whole partitions are dropped, rows deleted in the one that straddles the line and in
 * the tables without partitions; the sketches of packed minutes go after some days. Each statement is a transaction of the leader's own, so that a long one holds up nothing else.
 */
export async function purge(sql: Sql, holder: number, auditRetentionDays: number): Promise<Purged> {
  const startMs = performance.now();
  const [clock] = await sql<{ now: Date; line: Date }[]>`
    /* retention-line */
    SELECT now() AS now, now() - make_interval(days => ${retentionDays}) AS line`;
  if (clock === undefined) throw new Error('retention-line returned no row');
  await ensurePartitionsAhead(sql, clock.now, DAYS_AHEAD);
  const { line } = clock;
  const sketchLine = new Date(minuteSketchesFromMs(clock.now.getTime()));
  const past = (await listPartitions(sql)).filter(
    (partition) => endOfPartition(partition) <= (partition.table === 'telemetry_metric_sketches' ? sketchLine : line),
  );
  for (const partition of past) await asLeader(sql, holder, (tx) => dropPartition(tx, partition));
  let rows = 0;
  for (const statement of statementsOf(line, sketchLine, auditRetentionDays)) {
    rows += await asLeader(sql, holder, async (tx) => (await statement(tx)).count);
  }
  return { rows, partitions: past.map(({ name }) => name), durationMs: Math.round(performance.now() - startMs) };
}

type Statement = (tx: Parameters<Parameters<typeof asLeader>[2]>[0]) => PromiseLike<{ readonly count: number }>;

function statementsOf(line: Date, sketchLine: Date, auditRetentionDays: number): Statement[] {
  return [
    (tx) => tx`/* purge-open-windows */ DELETE FROM telemetry_open_windows WHERE ts < ${line}`,
    (tx) => tx`/* purge-samples */ DELETE FROM telemetry_metric_samples WHERE ts < ${line}`,
    // An hour that began before the line holds minutes older than it.
    (tx) => tx`/* purge-packed */ DELETE FROM telemetry_metric_packed WHERE hour < ${line}`,
    (tx) => tx`/* purge-merged-hours */ DELETE FROM telemetry_merged_hours WHERE hour < ${line}`,
    // Of histograms, which alone have counts, minutes are read for as long as they have sketches.
    (tx) => tx`/* purge-merged-minutes */ DELETE FROM telemetry_merged_minutes
      WHERE hour < ${line} OR (hour < ${sketchLine} AND points -> 0 -> 'count' IS NOT NULL)`,
    (tx) => tx`/* purge-unmerged-hours */ DELETE FROM telemetry_unmerged_hours WHERE hour < ${line}`,
    (tx) => tx`/* purge-logs */ DELETE FROM telemetry_log_events WHERE ts < ${line}`,
    (tx) => tx`/* purge-traces */ DELETE FROM telemetry_trace_index WHERE ts < ${line}`,
    (tx) => tx`/* purge-rollups */ DELETE FROM telemetry_trend_rollups WHERE bucket < ${line}`,
    (tx) => tx`/* purge-dirty-hours */ DELETE FROM telemetry_dirty_hours WHERE hour < ${line}`,
    (tx) => tx`/* purge-intake */ DELETE FROM telemetry_intake WHERE minute < ${line}`,
    (tx) => tx`/* purge-transitions */ DELETE FROM telemetry_health_transitions WHERE ts < ${line}`,
    (tx) => tx`/* purge-stream-state */ DELETE FROM telemetry_stream_state AS s WHERE NOT EXISTS (
      SELECT 1 FROM telemetry_stream_state AS o WHERE o.owner = s.owner AND o.last_seen >= ${line})`,
    (tx) => tx`/* purge-sources */ DELETE FROM telemetry_metric_sources AS s WHERE NOT EXISTS (
      SELECT 1 FROM telemetry_metric_sources AS o
      WHERE o.holder = s.holder AND o.metric_name = s.metric_name AND o.last_seen >= ${line})`,
    (tx) =>
      tx`/* purge-series */ DELETE FROM telemetry_metric_series WHERE last_seen < now() - make_interval(days => ${SERIES_DAYS})`,
    (tx) =>
      tx`/* purge-audit */ DELETE FROM admin_audit_log WHERE ts < now() - make_interval(days => ${auditRetentionDays})`,
    (tx) => tx`/* purge-tickets */ DELETE FROM admin_tickets WHERE expires_at < now()`,
  ];
}
