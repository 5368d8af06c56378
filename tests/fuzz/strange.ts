import type { Random } from '@command-center/infra/demo/random';
import type { BareLog, BarePoint, BareSpan } from '@command-center/sidecar/decode/testing/trees';
import { oddDouble, oddInteger } from './texts.ts';

/** Records that are well encoded and say what cannot be, or what no column was made for. */

const DAY_NS = 86_400_000_000_000n;

function strangeTime(random: Random, timeNs: bigint): bigint {
  const days = random.pick([-40n, -29n, -1n, 1n]);
  return random.pick([0n, 1n, 2n ** 63n, 2n ** 64n - 1n, oddInteger(random), timeNs + days * DAY_NS, timeNs + 59n]);
}

/** Whole, up to 2^64: what a fixed64 or a varint carries. */
function strangeCount(random: Random): number {
  return random.pick([0, 1, 2 ** 31, 2 ** 32, 2 ** 53, 2 ** 62, 2 ** 63, 2 ** 64 - 2_048]);
}

export function strangePoint(random: Random, point: BarePoint): BarePoint {
  const { timeUnixNano } = point;
  if (random.chance(0.25)) return { ...point, timeUnixNano: strangeTime(random, timeUnixNano) };
  if (random.chance(0.2)) return { ...point, startTimeUnixNano: strangeTime(random, timeUnixNano) };
  if (point.type === 'number') return { ...point, value: random.chance(0.1) ? undefined : oddDouble(random) };
  if (random.chance(0.2)) return { ...point, sum: oddDouble(random) };
  if (point.type === 'summary') return { ...point, count: strangeCount(random) };
  if (random.chance(0.3)) return { ...point, min: oddDouble(random), max: oddDouble(random) };
  if (point.type === 'histogram') return strangeHistogram(random, point);
  switch (random.pick(['scale', 'offset', 'count', 'zero', 'negative'] as const)) {
    case 'scale':
      return { ...point, scale: random.pick([-(2 ** 31), -11, -10, 0, 20, 21, 100, 2 ** 31 - 1]) };
    case 'offset':
      return {
        ...point,
        positive: { ...point.positive, offset: random.pick([-(2 ** 31), -2_000, 1_023, 1_024, 2 ** 31 - 1]) },
      };
    case 'count': {
      const count = strangeCount(random);
      return { ...point, count, zeroCount: 0, positive: { offset: 0, bucketCounts: [count] } };
    }
    case 'zero':
      return { ...point, zeroThreshold: oddDouble(random) };
    case 'negative':
      return { ...point, negative: point.positive, count: point.count * 2 - point.zeroCount };
  }
}

function strangeHistogram(random: Random, point: Extract<BarePoint, { type: 'histogram' }>): BarePoint {
  const count = strangeCount(random);
  switch (random.pick(['bounds', 'count', 'lengths', 'none', 'huge'] as const)) {
    case 'bounds':
      return { ...point, explicitBounds: point.explicitBounds.map(() => oddDouble(random)) };
    case 'count':
      return { ...point, count, bucketCounts: [count, 0, 0, 0, 0] };
    case 'lengths':
      return { ...point, bucketCounts: point.bucketCounts.slice(0, random.integer(0, 4)) };
    case 'none':
      return { ...point, count, bucketCounts: [], explicitBounds: [] };
    case 'huge':
      return { ...point, explicitBounds: [-1e300, -1e-300, 1e-300, 1e300] };
  }
}

export function strangeLog(random: Random, log: BareLog): BareLog {
  switch (random.pick(['time', 'severity', 'ids', 'attributes'] as const)) {
    case 'time':
      return { ...log, timeUnixNano: strangeTime(random, log.observedTimeUnixNano) };
    case 'severity':
      return {
        ...log,
        severityNumber: random.pick([0, 24, 25, 255, -1, 2 ** 31 - 1]),
        severityText: random.pick(['panic', 'x', '']),
      };
    case 'ids':
      return { ...log, traceId: new Uint8Array(random.integer(0, 40)), spanId: new Uint8Array([1, 2]) };
    case 'attributes':
      return {
        ...log,
        attributes: [
          { key: 'duration_ms', value: oddDouble(random) },
          { key: 'request_id', value: oddInteger(random) - 2n ** 63n },
          ...Array.from({ length: random.pick([1, 20, 300]) }, (_, index) => ({ key: `k${index}`, value: true })),
        ],
      };
  }
}

export function strangeSpan(random: Random, span: BareSpan): BareSpan {
  switch (random.pick(['start', 'end', 'ids', 'parent', 'kind'] as const)) {
    case 'start':
      return { ...span, startTimeUnixNano: strangeTime(random, span.endTimeUnixNano) };
    case 'end':
      return { ...span, endTimeUnixNano: strangeTime(random, span.startTimeUnixNano) };
    case 'ids':
      return { ...span, traceId: new Uint8Array(random.pick([0, 15, 16, 17])), spanId: new Uint8Array(8) };
    case 'parent':
      return { ...span, parentSpanId: new Uint8Array(random.pick([7, 8, 9])).fill(1) };
    case 'kind':
      return { ...span, kind: random.pick([-1, 0, 6, 2 ** 31 - 1]), statusCode: random.pick([-5, 3, 2 ** 31 - 1]) };
  }
}
