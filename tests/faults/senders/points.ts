import type { Random } from '@command-center/infra/demo/random';
import type { KeyValue, Metric } from '@command-center/sidecar/decode/records';
import type { BarePoint } from '@command-center/sidecar/decode/testing/trees';

export interface MetricItem {
  readonly signal: 'metrics';
  readonly metric: Omit<Metric, 'resource' | 'scope'>;
  readonly point: BarePoint;
}

/** What one stream of a sender has counted. */
export interface Counted {
  messages: number;
  buckets: number[];
  exponential: number[];
}

export type Own = Pick<BarePoint, 'attributes' | 'startTimeUnixNano' | 'timeUnixNano' | 'flags'>;

const ROUTES = ['/api/v1/guilds/{id}', '/api/v1/messages', '/api/v1/voice/join'] as const;
/** Dropped by the allowlist, so that streams merge into one series as pods do. */
const PODS = ['pod-a', 'pod-b'] as const;
const BOUNDS = [0.01, 0.1, 1] as const;
const SCALE = 5;
const EXPONENTIAL_OFFSET = -160;
const limits = { min: undefined, max: undefined };

export function streamsOf(routes: number): KeyValue[][] {
  return ROUTES.slice(0, routes).flatMap((route) =>
    PODS.map((pod) => [
      { key: 'http.route', value: route },
      { key: 'http.request.method', value: 'GET' },
      { key: 'ws.event_type', value: 'message' },
      { key: 'pod', value: pod },
    ]),
  );
}

export const zero = (exponentialBuckets: number): Counted => ({
  messages: 0,
  buckets: Array.from({ length: BOUNDS.length + 1 }, () => 0),
  exponential: Array.from({ length: exponentialBuckets }, () => 0),
});

export function grown(state: Counted, random: Random): Counted {
  // Now and then nothing happens: a zero increase is a report too.
  if (random.chance(0.1)) return state;
  return {
    messages: state.messages + random.integer(0, 9),
    buckets: state.buckets.map((count) => count + random.integer(0, 3)),
    exponential: state.exponential.map((count) => count + (random.chance(0.2) ? 1 : 0)),
  };
}

/** A counter and both kinds of histogram. Sums are whole numbers, so that adding them in any order is exact. */
export function countedPoints(
  { messages, buckets, exponential }: Counted,
  own: Own,
  temporality: 'cumulative' | 'delta',
): MetricItem[] {
  const item = itemOf(temporality);
  return [
    item(
      { name: 'kaiku_ws_messages_total', unit: '{message}', kind: 'sum', isMonotonic: true },
      { ...own, type: 'number', value: messages },
    ),
    item(
      { name: 'http.server.request.duration', unit: 's', kind: 'histogram' },
      {
        ...own,
        ...limits,
        type: 'histogram',
        count: total(buckets),
        sum: total(buckets) * 2,
        bucketCounts: buckets,
        explicitBounds: BOUNDS,
      },
    ),
    item(
      { name: 'db.client.operation.duration', unit: 's', kind: 'exponentialHistogram' },
      {
        ...own,
        ...limits,
        type: 'exponentialHistogram',
        count: total(exponential),
        sum: total(exponential) * 3,
        scale: SCALE,
        zeroCount: 0,
        zeroThreshold: 0,
        positive: { offset: EXPONENTIAL_OFFSET, bucketCounts: exponential },
        negative: { offset: 0, bucketCounts: [] },
      },
    ),
  ];
}

/** An additive gauge, an UpDownCounter (additive too), and a gauge of which the greatest counts. */
export function gaugePoints(own: Own, temporality: 'cumulative' | 'delta', random: Random): MetricItem[] {
  const item = itemOf(temporality);
  const reading = { ...own, startTimeUnixNano: 0n };
  return [
    item(
      { name: 'kaiku_ws_connections_active', unit: '{connection}', kind: 'gauge', temporality: 'unspecified' },
      { ...reading, type: 'number', value: random.integer(0, 500) },
    ),
    item(
      { name: 'kaiku_voice_sessions_active', unit: '{session}', kind: 'sum' },
      { ...own, type: 'number', value: random.integer(0, 20) },
    ),
    item(
      { name: 'process.memory.usage', unit: 'By', kind: 'gauge', temporality: 'unspecified' },
      { ...reading, type: 'number', value: random.integer(1, 1e9) },
    ),
  ];
}

const itemOf =
  (temporality: 'cumulative' | 'delta') =>
  (metric: Partial<MetricItem['metric']> & Pick<Metric, 'name' | 'unit' | 'kind'>, point: BarePoint): MetricItem => ({
    signal: 'metrics',
    metric: { temporality, isMonotonic: false, ...metric },
    point,
  });

const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);
