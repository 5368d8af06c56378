import { ensurePartitions } from '@command-center/drizzle/partitions';
import type { Sql } from 'postgres';

const dayMs = 86_400_000;

/** Partitions of every day from one instant to another. */
export async function seedDays(sql: Sql, fromMs: number, toMs: number): Promise<void> {
  const days = Array.from(
    { length: Math.floor(toMs / dayMs) - Math.floor(fromMs / dayMs) + 1 },
    (_, n) => new Date(fromMs + n * dayMs),
  );
  await ensurePartitions(sql, days);
}

/** Returns the id of a new series. */
export async function seedSeries(sql: Sql, metric: string, labels: Record<string, string | true>): Promise<number> {
  const [row] = await sql<{ id: number }[]>`
    INSERT INTO telemetry_metric_series (metric_name, labels) VALUES (${metric}, ${sql.json(labels)}) RETURNING id`;
  if (row === undefined) throw new Error('no id came back');
  return row.id;
}

/** Columns of one window; what is left out is null. */
export interface WindowSeed {
  readonly ts: string;
  readonly series_id: number;
  readonly writer: number;
  readonly value_count?: number;
  readonly value_sum?: number;
  readonly value_min?: number;
  readonly value_max?: number;
  readonly value_last?: number;
  readonly value_last_ms?: number;
  readonly sketch?: Uint8Array;
}

export async function seedWindows(
  sql: Sql,
  table: 'telemetry_open_windows' | 'telemetry_metric_samples',
  windows: readonly WindowSeed[],
): Promise<void> {
  for (const window of windows) await sql`INSERT INTO ${sql(table)} ${sql({ ...window })}`;
}

export interface RollupSeed extends Omit<WindowSeed, 'ts' | 'writer' | 'value_last_ms'> {
  readonly bucket: string;
}

export async function seedRollups(sql: Sql, rollups: readonly RollupSeed[]): Promise<void> {
  for (const rollup of rollups) {
    await sql`INSERT INTO telemetry_trend_rollups ${sql({ ...rollup, resolution: '1h', sample_count: 60 })}`;
  }
}

export interface LogSeed {
  readonly id?: string;
  readonly ts: string;
  readonly level?: 'WARN' | 'ERROR';
  readonly service?: string;
  readonly domain?: string;
  readonly event?: string;
  readonly message?: string;
  readonly trace_id?: string;
}

export async function seedLogs(sql: Sql, logs: readonly LogSeed[]): Promise<void> {
  const defaults = { level: 'ERROR', service: 'orders', domain: 'chat', event: 'send_failed', message: 'it failed' };
  for (const log of logs) {
    await sql`INSERT INTO telemetry_log_events ${sql({ id: crypto.randomUUID(), ...defaults, ...log })}`;
  }
}

export interface SpanSeed {
  readonly trace_id: string;
  readonly span_id: string;
  readonly ts: string;
  readonly domain?: string;
  readonly route?: string;
  readonly status_code?: string;
  readonly is_error?: boolean;
  readonly duration_ms?: number;
}

export async function seedSpans(sql: Sql, spans: readonly SpanSeed[]): Promise<void> {
  const defaults = { span_name: 'GET /orders', domain: 'chat', is_error: false, duration_ms: 10, service: 'orders' };
  for (const span of spans) await sql`INSERT INTO telemetry_trace_index ${sql({ ...defaults, ...span })}`;
}

export interface IntakeSeed {
  readonly minute: string;
  readonly signal: string;
  readonly service: string;
  readonly outcome: string;
  readonly reason?: string;
  readonly name?: string;
  readonly count: number;
  readonly writer?: number;
}

export async function seedIntake(sql: Sql, rows: readonly IntakeSeed[]): Promise<void> {
  for (const row of rows) await sql`INSERT INTO telemetry_intake ${sql({ writer: 1, reason: '', name: '', ...row })}`;
}
