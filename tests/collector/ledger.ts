import type { Signal } from '@command-center/sidecar/decode/records';
import type { Sql } from 'postgres';
import { CUMULATIVE_STEP, DIGIT_BASE, type Load, RECORDS, REQUESTS_PER_GROUP, STREAMS, streamLabel } from './load.ts';
import { storedSeries } from './tables.ts';

/** How often a request was counted, in each of its parts; all ones (and RECORDS rows) = exactly once. */
export interface Counted {
  readonly index: number;
  readonly logs: number;
  readonly spans: number;
  /** A number a delta stream. */
  readonly deltas: readonly number[];
  readonly durations: number;
}

export interface Ledger {
  readonly requests: readonly Counted[];
  /** Increase of the cumulative counter. */
  readonly cumulative: number;
  /** Newest value of the additive gauge. */
  readonly gauge: number | undefined;
}

/** Requests that were refused for good, by signal. */
export type Lost = Readonly<Partial<Record<Signal, ReadonlySet<number>>>>;

/** What the tables must hold once all of the load is delivered, but for what is lost. */
export function expectedLedger({ requests }: Load, lost: Lost = {}): Ledger {
  const has = (signal: Signal, index: number): boolean => lost[signal]?.has(index) !== true;
  const measured = requests.filter(({ index }) => has('metrics', index)).map(({ index }) => index);
  const newest = measured.length === 0 ? undefined : Math.max(...measured) + 1;
  return {
    requests: requests.map(({ index }) => ({
      index,
      logs: has('logs', index) ? RECORDS : 0,
      spans: has('traces', index) ? RECORDS : 0,
      deltas: STREAMS.map(() => (has('metrics', index) ? 1 : 0)),
      durations: has('metrics', index) ? 1 : 0,
    })),
    // A running total carries what earlier points would have said.
    cumulative: CUMULATIVE_STEP * (newest ?? 0),
    gauge: newest,
  };
}

/** What the tables hold of the load now. */
export async function storedLedger(sql: Sql, { service, requests }: Load): Promise<Ledger> {
  const series = await storedSeries(sql, service);
  const sumOf = (metric: string, key: string, value: string): number => {
    const one = series.find((each) => each.metric === metric && each.labels[key] === value);
    return (metric === 'db.client.operation.duration' ? one?.count : one?.sum) ?? 0;
  };
  const logs = await recordsByRequest(
    sql<Row[]>`SELECT split_part(attrs->>'request_id', '-', 1)::int AS request, count(*)::int AS count
      FROM telemetry_log_events WHERE service = ${service} GROUP BY 1`,
  );
  const spans = await recordsByRequest(
    sql<Row[]>`SELECT ('x' || substr(trace_id, 9, 8))::bit(32)::int AS request, count(*)::int AS count
      FROM telemetry_trace_index WHERE service = ${service} GROUP BY 1`,
  );
  return {
    requests: requests.map(({ index }) => {
      const group = Math.floor(index / REQUESTS_PER_GROUP);
      const digit = (sum: number): number => digitOf(sum, index % REQUESTS_PER_GROUP);
      return {
        index,
        logs: logs.get(index) ?? 0,
        spans: spans.get(index) ?? 0,
        deltas: STREAMS.map((stream) =>
          digit(sumOf('kaiku_ws_messages_total', 'ws.event_type', streamLabel(group, stream))),
        ),
        durations: digit(sumOf('db.client.operation.duration', 'db.collection.name', streamLabel(group, 'rows'))),
      };
    }),
    cumulative: series.find(({ metric }) => metric === 'kaiku_auth_login_attempts_total')?.sum ?? 0,
    gauge: series.find(({ metric }) => metric === 'kaiku_voice_sessions_active')?.last,
  };
}

interface Row {
  readonly request: number;
  readonly count: number;
}

async function recordsByRequest(rows: Promise<readonly Row[]>): Promise<ReadonlyMap<number, number>> {
  return new Map((await rows).map(({ request, count }) => [request, count]));
}

function digitOf(sum: number, place: number): number {
  const base = BigInt(DIGIT_BASE);
  return Number((BigInt(Math.round(sum)) / base ** BigInt(place)) % base);
}
