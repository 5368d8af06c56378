import type { StreamKind } from '../../curate/curated.ts';
import type { Metric, Point } from '../../decode/records.ts';
import { decodeBlock, encodeBlock } from '../block.ts';
import { type StreamState, step } from '../machines.ts';
import type { Increment, StepContext } from '../step.ts';

/** Streams as the tests of this room write them: times in whole seconds, counted from midnight of a fixed day. */

const DAY_NS = (1_750_000_000n / 86_400n) * 86_400n * 1_000_000_000n;
const STREAM = '0123456789abcdef0123456789abcdef';

export const seconds = (value: number): bigint => DAY_NS + BigInt(Math.round(value * 1000)) * 1_000_000n;
export const minuteMs = (minute: number): number => Number(DAY_NS / 1_000_000n) + minute * 60_000;

function metric(overrides: Partial<Metric>): Metric {
  const resource = { attributes: [] };
  const scope = { name: '', version: '', attributes: [] };
  return {
    resource,
    scope,
    name: 'm',
    unit: '',
    kind: 'sum',
    temporality: 'cumulative',
    isMonotonic: true,
    ...overrides,
  };
}

interface Times {
  /** Undefined = not given. */
  readonly start: number | undefined;
  readonly time: number;
}

function base({ start, time }: Times) {
  return {
    attributes: [],
    flags: 0,
    startTimeUnixNano: start === undefined ? 0n : seconds(start),
    timeUnixNano: seconds(time),
  };
}

export function numberPoint(times: Times, value: number, overrides: Partial<Metric> = {}): Point {
  return { ...base(times), type: 'number', metric: metric(overrides), value };
}

export function histogramPoint(
  times: Times,
  explicitBounds: number[],
  bucketCounts: number[],
  overrides: Partial<Metric> = {},
): Point {
  const count = bucketCounts.reduce((sum, n) => sum + n, 0);
  const described = metric({ kind: 'histogram', ...overrides });
  return {
    ...base(times),
    type: 'histogram',
    metric: described,
    count,
    sum: count,
    min: undefined,
    max: undefined,
    explicitBounds,
    bucketCounts,
  };
}

export function exponentialPoint(
  times: Times,
  scale: number,
  offset: number,
  bucketCounts: number[],
  zeroCount = 0,
  zeroThreshold = 0,
  overrides: Partial<Metric> = {},
): Point {
  const count = bucketCounts.reduce((sum, n) => sum + n, zeroCount);
  return {
    ...base(times),
    type: 'exponentialHistogram',
    metric: metric({ kind: 'exponentialHistogram', ...overrides }),
    count,
    sum: count,
    min: undefined,
    max: undefined,
    scale,
    zeroCount,
    zeroThreshold,
    positive: { offset, bucketCounts },
    negative: { offset: 0, bucketCounts: [] },
  };
}

export interface Run {
  /** What each point added, summed over its minutes: increase, count or contribution. */
  readonly added: readonly number[];
  readonly reasons: readonly string[];
  readonly increments: readonly Increment[];
  readonly state: StreamState | undefined;
}

/** Sends points through a stream one after another; between any two the state goes through its bytes, as at a restart. */
export function run(kind: StreamKind, points: readonly Point[], context: Partial<StepContext> = {}): Run {
  let state: StreamState | undefined;
  let firstTimeUnixNano = context.firstTimeUnixNano;
  const added: number[] = [];
  const reasons: string[] = [];
  const increments: Increment[] = [];
  for (const point of points) {
    const result = step(kind, state, point, { factor: 1, isSigned: false, ...context, firstTimeUnixNano });
    if (result.state !== state && result.state !== undefined) {
      state = decodeBlock(encodeBlock(new Map([[STREAM, result.state]]))).get(STREAM);
      if (firstTimeUnixNano === undefined || point.timeUnixNano < firstTimeUnixNano)
        firstTimeUnixNano = point.timeUnixNano;
    }
    reasons.push(result.outcome.type === 'stored' ? '' : result.outcome.reason);
    added.push(result.increments.reduce((sum, increment) => sum + amountOf(increment), 0));
    increments.push(...result.increments);
  }
  return { added, reasons, increments, state };
}

export function amountOf(increment: Increment): number {
  switch (increment.type) {
    case 'counter':
      return increment.increase;
    case 'histogram':
      return increment.count;
    case 'additiveGauge':
      return increment.contribution;
    case 'gauge':
      return increment.value;
  }
}

/** Totals by minute. */
export function byMinute(increments: readonly Increment[]): Map<number, number> {
  const totals = new Map<number, number>();
  for (const increment of increments)
    totals.set(increment.minuteMs, (totals.get(increment.minuteMs) ?? 0) + amountOf(increment));
  return new Map([...totals].sort(([a], [b]) => a - b));
}
