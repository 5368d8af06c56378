import type { Random } from '@command-center/infra/demo/random';
import type { KeyValue, Metric } from '@command-center/sidecar/decode/records';
import type { BareLog, BarePoint, BareSpan } from '@command-center/sidecar/decode/testing/trees';

/** What the senders of a fault test say, made beforehand from one generator, so that it can be added up independently. */

const STEPS = 42;
const STEP_NS = 10_000_000_000n;
/** Past midnight of nothing in particular, so that points do not all lie on the edge of a minute. */
const OFFSET_NS = 1_234_567n;
const ROUTES = ['/api/v1/guilds/{id}', '/api/v1/messages', '/api/v1/voice/join'] as const;
/** Dropped by the allowlist, so that streams merge into one series as pods do. */
const PODS = ['pod-a', 'pod-b'] as const;
const BOUNDS = [0.01, 0.1, 1] as const;
const SCALE = 5;
const EXPONENTIAL_OFFSET = -160;
const EXPONENTIAL_BUCKETS = 40;

export interface MetricItem {
  readonly signal: 'metrics';
  readonly metric: Omit<Metric, 'resource' | 'scope'>;
  readonly point: BarePoint;
}
export interface LogItem {
  readonly signal: 'logs';
  readonly id: string;
  readonly log: BareLog;
}
export interface SpanItem {
  readonly signal: 'traces';
  readonly id: string;
  readonly span: BareSpan;
}
export type Item = MetricItem | LogItem | SpanItem;

/** One sender: its records in the order of their time, a step at a time. */
export interface Lane {
  readonly service: string;
  readonly signal: Item['signal'];
  readonly steps: readonly (readonly Item[])[];
}

/** Six senders whose data ends at `endMs`: part of it in minutes that have closed already. */
export function makeLanes(random: Random, endMs: number): readonly Lane[] {
  const endNs = BigInt(endMs) * 1_000_000n;
  const timeOf = (step: number): bigint => endNs - BigInt(STEPS - step) * STEP_NS + OFFSET_NS;
  const steps = (work: (step: number, start: bigint, time: bigint) => Item[]): Item[][] =>
    Array.from({ length: STEPS }, (_, step) => work(step, timeOf(step), timeOf(step + 1)));
  return [
    { service: 'cumulative', signal: 'metrics', steps: cumulativeSteps(random, steps, timeOf(0), undefined) },
    {
      service: 'restarted',
      signal: 'metrics',
      steps: cumulativeSteps(random, steps, timeOf(0), random.integer(5, 35)),
    },
    { service: 'delta', signal: 'metrics', steps: deltaSteps(random, steps) },
    { service: 'delta-again', signal: 'metrics', steps: deltaSteps(random, steps) },
    { service: 'logging', signal: 'logs', steps: steps((step, start) => logItems(random, step, start)) },
    { service: 'tracing', signal: 'traces', steps: steps((step, start) => spanItems(random, step, start)) },
  ];
}

type Steps = (work: (step: number, start: bigint, time: bigint) => Item[]) => Item[][];

/** Totals since `firstStart`; at step `restartAt` the process starts again and counts from zero. */
function cumulativeSteps(random: Random, steps: Steps, firstStart: bigint, restartAt: number | undefined): Item[][] {
  const states = streams().map((attributes) => ({ attributes, ...zero() }));
  let start = firstStart;
  return steps((step, stepStart, time) => {
    if (step === restartAt) {
      start = stepStart;
      for (const state of states) Object.assign(state, zero());
    }
    return states.flatMap((state) => {
      grow(state, random);
      const own = { attributes: state.attributes, startTimeUnixNano: start, timeUnixNano: time, flags: 0 };
      return pointsOf(state, own, 'cumulative', random);
    });
  });
}

function deltaSteps(random: Random, steps: Steps): Item[][] {
  return steps((_, start, time) =>
    streams().flatMap((attributes) => {
      const state = zero();
      grow(state, random);
      return pointsOf(state, { attributes, startTimeUnixNano: start, timeUnixNano: time, flags: 0 }, 'delta', random);
    }),
  );
}

interface Counted {
  messages: number;
  buckets: number[];
  exponential: number[];
}

const zero = (): Counted => ({
  messages: 0,
  buckets: Array.from({ length: BOUNDS.length + 1 }, () => 0),
  exponential: Array.from({ length: EXPONENTIAL_BUCKETS }, () => 0),
});

function grow(state: Counted, random: Random): void {
  // Now and then nothing happens: a zero increase is a report too.
  if (random.chance(0.1)) return;
  state.messages += random.integer(0, 9);
  state.buckets = state.buckets.map((count) => count + random.integer(0, 3));
  state.exponential = state.exponential.map((count) => count + (random.chance(0.2) ? 1 : 0));
}

const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);

type Own = Pick<BarePoint, 'attributes' | 'startTimeUnixNano' | 'timeUnixNano' | 'flags'>;

/** Sums are whole numbers, so that adding them in any order is exact. */
function pointsOf(
  { messages, buckets, exponential }: Counted,
  own: Own,
  temporality: 'cumulative' | 'delta',
  random: Random,
): MetricItem[] {
  const item = (metric: Partial<MetricItem['metric']> & Pick<Metric, 'name' | 'unit' | 'kind'>, point: BarePoint) => ({
    signal: 'metrics' as const,
    metric: { temporality, isMonotonic: false, ...metric },
    point,
  });
  const limits = { min: undefined, max: undefined };
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
    item(
      { name: 'kaiku_ws_connections_active', unit: '{connection}', kind: 'gauge', temporality: 'unspecified' },
      { ...own, startTimeUnixNano: 0n, type: 'number', value: random.integer(0, 500) },
    ),
    item(
      { name: 'kaiku_voice_sessions_active', unit: '{session}', kind: 'sum' },
      { ...own, type: 'number', value: random.integer(0, 20) },
    ),
  ];
}

function streams(): KeyValue[][] {
  return ROUTES.flatMap((route) =>
    PODS.map((pod) => [
      { key: 'http.route', value: route },
      { key: 'http.request.method', value: 'GET' },
      { key: 'ws.event_type', value: 'message' },
      { key: 'pod', value: pod },
    ]),
  );
}

/** Two of the first three are alike but for their time; `request_id` tells them apart in the table. */
function logItems(random: Random, step: number, start: bigint): LogItem[] {
  return Array.from({ length: random.integer(3, 12) }, (_, index) => {
    const id = `log-${step}-${index}`;
    return {
      signal: 'logs' as const,
      id,
      log: {
        timeUnixNano: start + BigInt(random.integer(0, 9_999_999)) * 1_000n,
        observedTimeUnixNano: 0n,
        severityNumber: random.chance(0.5) ? 17 : 13,
        severityText: '',
        eventName: 'store.failed',
        body: 'the session store does not answer',
        attributes: [{ key: 'request_id', value: id }],
        flags: 1,
        traceId: bytes(random, 16),
        spanId: bytes(random, 8),
      },
    };
  });
}

function spanItems(random: Random, step: number, start: bigint): SpanItem[] {
  return Array.from({ length: random.integer(3, 12) }, (_, index) => {
    const traceId = bytes(random, 16);
    const startTimeUnixNano = start + BigInt(random.integer(0, 9_999_999)) * 1_000n;
    return {
      signal: 'traces' as const,
      id: Buffer.from(traceId).toString('hex'),
      span: {
        traceId,
        spanId: bytes(random, 8),
        parentSpanId: new Uint8Array(),
        name: `GET step ${step} ${index}`,
        kind: 2,
        startTimeUnixNano,
        endTimeUnixNano: startTimeUnixNano + BigInt(random.integer(1, 900)) * 1_000_000n,
        attributes: [{ key: 'http.route', value: random.pick(ROUTES) }],
        statusCode: 0,
        flags: 1,
      },
    };
  });
}

function bytes(random: Random, length: number): Uint8Array {
  // The first is never zero: an id of zeros is none.
  return Uint8Array.from({ length }, (_, index) => random.integer(index === 0 ? 1 : 0, 255));
}
