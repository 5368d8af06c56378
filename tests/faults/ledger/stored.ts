import { entryOf } from '@command-center/contract/catalogue/catalogue';
import { minuteSketchesFromMs } from '@command-center/contract/retention';
import { decodeSketch } from '@command-center/contract/sketch/codec';
import { unframeMinutes } from '@command-center/contract/sketch/frames';
import { emptySpans } from '@command-center/contract/sketch/spans';
import { type MinuteValue, unpacked, unpackedTs, unpackedValue } from '@command-center/drizzle/packed';
import type { Sql, TransactionSql } from 'postgres';
import { forbiddenAddress } from '../senders/events.ts';
import { staleMergedHours, unequalRollUps } from './derived.ts';
import { addTo, type WindowSum, type Windows, windowKey } from './windows.ts';

interface WindowRow {
  readonly metric_name: string;
  readonly service: string;
  readonly ts: Date;
  readonly value_count: string | null;
  readonly value_sum: number | null;
  readonly value_max: number | null;
  readonly value_last: number | null;
  readonly sketch: Uint8Array | null;
}

/** Everything a checker looks at, as one statement of Postgres saw it. */
export interface Stored {
  readonly windows: Windows;
  /** Older hours that are packed have one sketch, at their first minute. */
  readonly minuteSketchesFromMs: number;
  /** Sorted; one that is there twice stands there twice. */
  readonly logs: readonly string[];
  readonly traces: readonly string[];
  /** Windows of one writer that lie in both tables. */
  readonly doubleWindows: number;
  /** Records counted as stored in telemetry_intake. */
  readonly counted: { readonly logs: number; readonly traces: number };
  /** Rows of any table that hold the address which some records carry. */
  readonly forbiddenRows: number;
  /** Hours and days of a series whose roll-up is not the sum of its minutes. */
  readonly unequalRollUps: number;
  /** Hours of a metric that readers take as merged, but that are not the sum of their minutes. */
  readonly staleMergedHours: number;
}

const packedValues: readonly MinuteValue[] = ['count', 'sum', 'max', 'last'];

export async function readStored(sql: Sql): Promise<Stored> {
  return sql.begin('isolation level repeatable read read only', async (tx) => {
    const rows = await tx<WindowRow[]>`
      WITH parts AS (
        SELECT series_id, ts, value_count, value_sum, value_max, value_last, sketch FROM telemetry_open_windows
        UNION ALL
        SELECT series_id, ts, value_count, value_sum, value_max, value_last, sketch FROM telemetry_metric_samples
        UNION ALL
        SELECT p.series_id, ${tx.unsafe(unpackedTs('p'))}, ${tx.unsafe(packedValues.map(unpackedValue).join(', '))}, NULL
        FROM telemetry_metric_packed AS p CROSS JOIN LATERAL ${tx.unsafe(unpacked('p', packedValues))})
      SELECT metric_name, labels->>'service.name' AS service, ts, value_count, value_sum, value_max, value_last, sketch
      FROM parts JOIN telemetry_metric_series series ON series.id = parts.series_id`;
    const [clock] = await tx<{ now: Date }[]>`SELECT now() AS now`;
    const sketchesFrom = minuteSketchesFromMs(clock?.now.getTime() ?? 0);
    const packed = await tx<{ metric_name: string; service: string; hour: Date; sketches: Uint8Array }[]>`
      SELECT metric_name, labels->>'service.name' AS service, hour, sketches
      FROM telemetry_metric_sketches JOIN telemetry_metric_series series ON series.id = series_id
      WHERE hour >= ${new Date(sketchesFrom)}`;
    // From there on the roll-up is what readers take; what the minutes still have is on its way out.
    const ofHours = await tx<{ metric_name: string; service: string; ts: Date; sketch: Uint8Array }[]>`
      SELECT metric_name, labels->>'service.name' AS service, p.hour AS ts, r.sketch
      FROM telemetry_metric_packed AS p JOIN telemetry_metric_series series ON series.id = p.series_id
      JOIN telemetry_trend_rollups AS r ON r.series_id = p.series_id AND r.resolution = '1h' AND r.bucket = p.hour AND r.sketch IS NOT NULL
      WHERE p.hour < ${new Date(sketchesFrom)}`;
    const logs = await tx<{ id: string }[]>`SELECT attrs->>'request_id' AS id FROM telemetry_log_events`;
    const traces = await tx<{ id: string }[]>`SELECT trace_id AS id FROM telemetry_trace_index`;
    const [double] = await tx<{ n: number }[]>`
      SELECT count(*)::integer AS n FROM telemetry_open_windows JOIN telemetry_metric_samples USING (series_id, ts, writer)`;
    const intake = await tx<{ signal: string; n: number }[]>`
      SELECT signal, sum(count)::integer AS n FROM telemetry_intake WHERE outcome = 'stored' GROUP BY signal`;
    return {
      windows: merged([...rows, ...packed.flatMap(packedParts), ...ofHours.map((row) => ({ ...nothing, ...row }))]),
      minuteSketchesFromMs: sketchesFrom,
      logs: logs.map(({ id }) => id).sort(),
      traces: traces.map(({ id }) => id).sort(),
      doubleWindows: double?.n ?? 0,
      counted: { logs: countOf(intake, 'logs'), traces: countOf(intake, 'traces') },
      forbiddenRows: await forbiddenRows(tx),
      unequalRollUps: await unequalRollUps(tx),
      staleMergedHours: await staleMergedHours(tx),
    };
  });
}

const countOf = (rows: readonly { signal: string; n: number }[], signal: string): number =>
  rows.find((row) => row.signal === signal)?.n ?? 0;

async function forbiddenRows(tx: TransactionSql): Promise<number> {
  const pattern = `%${forbiddenAddress}%`;
  const [row] = await tx<{ n: number }[]>`
    SELECT (SELECT count(*) FROM telemetry_log_events AS t WHERE t::text LIKE ${pattern})::integer
      + (SELECT count(*) FROM telemetry_trace_index AS t WHERE t::text LIKE ${pattern})::integer
      + (SELECT count(*) FROM telemetry_metric_series AS t WHERE t::text LIKE ${pattern})::integer
      + (SELECT count(*) FROM telemetry_intake AS t WHERE t::text LIKE ${pattern})::integer AS n`;
  return row?.n ?? 0;
}

const nothing = { value_count: null, value_sum: null, value_max: null, value_last: null };

/** Sketches of packed minutes, as rows that have nothing else. */
function packedParts(row: {
  readonly metric_name: string;
  readonly service: string;
  readonly hour: Date;
  readonly sketches: Uint8Array;
}): WindowRow[] {
  const { metric_name, service, hour, sketches } = row;
  return unframeMinutes(sketches).map(({ minute, sketch }) => {
    const ts = new Date(hour.getTime() + minute * 60_000);
    return { ...nothing, metric_name, service, ts, sketch };
  });
}

/** Over all tables, series and writers. */
function merged(rows: readonly WindowRow[]): Windows {
  const windows = new Map<string, WindowSum>();
  for (const row of rows) {
    const entry = entryOf(row.metric_name);
    const isHistogram = entry?.kind === 'histogram';
    addTo(windows, windowKey(row.service, row.metric_name, row.ts.getTime()), {
      sum: row.value_sum ?? 0,
      count: isHistogram ? Number(row.value_count) : 0,
      last: entry?.merge === 'sum' ? (row.value_last ?? 0) : 0,
      max: entry?.kind === 'gauge' ? (row.value_max ?? 0) : 0,
      spans: row.sketch === null ? emptySpans : decodeSketch(row.sketch),
    });
  }
  return windows;
}
