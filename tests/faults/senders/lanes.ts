import type { Random } from '@command-center/infra/demo/random';
import type { KeyValue } from '@command-center/sidecar/decode/records';
import { type LogItem, logItems, type SpanItem, spanItems } from './events.ts';
import { type Counted, countedPoints, gaugePoints, grown, type MetricItem, streamsOf, zero } from './points.ts';

/** What the senders of a fault test say, made beforehand from one generator, so that it can be added up independently. */

export type Item = MetricItem | LogItem | SpanItem;

export const laneKinds = ['cumulative', 'restarted', 'replicas', 'delta', 'backfill', 'logs', 'traces'] as const;
export type LaneKind = (typeof laneKinds)[number];

/**
 * `inOrder`: a point is sent once the earlier ones are acknowledged. `reordered`: a few steps are under way at once, in any order. `late`: as
 * that, and some steps come after all others; for what has no order (deltas, logs, spans).
 */
export type Arrival = 'inOrder' | 'reordered' | 'late';

/** One sender: its records in the order of their time, a step at a time. */
export interface Lane {
  readonly service: string;
  readonly kind: LaneKind;
  readonly signal: Item['signal'];
  readonly arrival: Arrival;
  readonly steps: readonly (readonly Item[])[];
}

export interface LaneSize {
  readonly steps: number;
  /** At most 90 s, so that an increase belongs whole to the minute of its end. */
  readonly stepNs: bigint;
  /** Of three; two streams each. */
  readonly routes: number;
  readonly exponentialBuckets: number;
  readonly eventsPerStep: number;
}

export interface LanePlan {
  readonly kind: LaneKind;
  readonly arrival: Arrival;
  readonly service: string;
  /** Its newest record is of about this time. */
  readonly endMs: number;
  readonly size: LaneSize;
}

const DAY_NS = 86_400_000_000_000n;
/** Past midnight of nothing in particular, so that points do not all lie on the edge of a minute. */
const OFFSET_NS = 1_234_567n;

/** When a step begins and ends, nanoseconds. */
interface Span {
  readonly start: bigint;
  readonly end: bigint;
}

export function makeLane(plan: LanePlan, random: Random): Lane {
  const { kind, size, service } = plan;
  const spans = Array.from({ length: size.steps }, (_, step) => spanOf(plan, step));
  const base = { service, kind, arrival: plan.arrival };
  switch (kind) {
    case 'cumulative':
      return { ...base, signal: 'metrics', steps: cumulativeSteps(random, spans, size, undefined) };
    case 'restarted':
      return {
        ...base,
        signal: 'metrics',
        steps: cumulativeSteps(random, spans, size, random.integer(1, size.steps - 1)),
      };
    case 'replicas':
      return { ...base, signal: 'metrics', steps: replicaSteps(random, spans, size) };
    case 'delta':
    case 'backfill':
      return { ...base, signal: 'metrics', steps: deltaSteps(random, spans, size) };
    case 'logs':
      return {
        ...base,
        signal: 'logs',
        steps: spans.map(({ start }, step) => logItems(random, service, step, start, size.eventsPerStep)),
      };
    case 'traces':
      return {
        ...base,
        signal: 'traces',
        steps: spans.map(({ start }, step) => spanItems(random, step, start, size.eventsPerStep)),
      };
  }
}

/** Back-fill jumps a day every third step; all others have no gaps. */
function spanOf({ kind, endMs, size: { steps, stepNs } }: LanePlan, step: number): Span {
  const stepsToGo = BigInt(steps - step);
  const daysToGo = kind === 'backfill' ? BigInt(Math.ceil((steps - step) / 3)) : 0n;
  const start = BigInt(endMs) * 1_000_000n - stepsToGo * stepNs - daysToGo * DAY_NS + OFFSET_NS;
  return { start, end: start + stepNs };
}

/** Totals since the first start; at step `restartAt` the process starts again and counts from zero. */
function cumulativeSteps(
  random: Random,
  spans: readonly Span[],
  size: LaneSize,
  restartAt: number | undefined,
): Item[][] {
  const process = countingProcess(random, size);
  return spans.map((span, step) => {
    if (step === 0 || step === restartAt) process.restart(span.start);
    return process
      .report(span.end)
      .flatMap(({ own, counted }) => [
        ...countedPoints(counted, own, 'cumulative'),
        ...gaugePoints(own, 'cumulative', random),
      ]);
  });
}

/** Two processes that share a resource: the same streams with two starts, taking turns. */
function replicaSteps(random: Random, spans: readonly Span[], size: LaneSize): Item[][] {
  const replicas = [countingProcess(random, size), countingProcess(random, size)];
  return spans.map((span, step) =>
    replicas.flatMap((replica, index) => {
      if (step === 0) replica.restart(span.start + BigInt(index) * 1_000_000n);
      return replica
        .report(span.end - BigInt(index) * 1_000_000n)
        .flatMap(({ own, counted }) => countedPoints(counted, own, 'cumulative'));
    }),
  );
}

function deltaSteps(random: Random, spans: readonly Span[], size: LaneSize): Item[][] {
  return spans.map(({ start, end }) =>
    streamsOf(size.routes).flatMap((attributes) => {
      const own = { attributes, startTimeUnixNano: start, timeUnixNano: end, flags: 0 };
      return [
        ...countedPoints(grown(zero(size.exponentialBuckets), random), own, 'delta'),
        ...gaugePoints(own, 'delta', random),
      ];
    }),
  );
}

interface Report {
  readonly own: { attributes: KeyValue[]; startTimeUnixNano: bigint; timeUnixNano: bigint; flags: number };
  readonly counted: Counted;
}

function countingProcess(random: Random, { routes, exponentialBuckets }: LaneSize) {
  const streams = streamsOf(routes);
  let start = 0n;
  let counted = streams.map(() => zero(exponentialBuckets));
  return {
    restart(startNs: bigint): void {
      start = startNs;
      counted = streams.map(() => zero(exponentialBuckets));
    },
    report(timeNs: bigint): Report[] {
      counted = counted.map((state) => grown(state, random));
      return streams.map((attributes, index) => ({
        own: { attributes, startTimeUnixNano: start, timeUnixNano: timeNs, flags: 0 },
        counted: counted[index] ?? zero(exponentialBuckets),
      }));
    },
  };
}
