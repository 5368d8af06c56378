import { explicitSpans, exponentialSpans } from '@command-center/contract/sketch/build';
import type { BarePoint } from '@command-center/sidecar/decode/testing/trees';
import type { Item, Lane } from '../senders/lanes.ts';
import type { MetricItem } from '../senders/points.ts';
import { addTo, type WindowSum, type Windows, windowKey } from './windows.ts';

/**
 * What the tables must hold, reckoned the plain way from what was sent, in the order of its time: deltas are added, of a cumulative stream the
 * steps of each start, of a gauge the newest reading of each minute. Shares no code with the sidecar's aggregation; sketches are built by contract/.
 */

export interface Sent {
  readonly lane: Lane;
  readonly item: Item;
}

const MINUTE_MS = 60_000;
/** OTLP conformance 13: minutes between two readings no further apart are filled with the earlier one. */
const MAX_FILL_NS = 300_000_000_000n;
const plainScale = { factor: 1, isSigned: false };

/** (start, end]: 12:01:00.000 belongs to 12:00. */
const minuteOf = (timeNs: bigint): number => Number((timeNs - 1n) / 60_000_000_000n) * MINUTE_MS;

export function expectedWindows(sent: Iterable<Sent>): Windows {
  const windows = new Map<string, WindowSum>();
  const streams = Map.groupBy(
    [...sent].flatMap(({ lane, item }) => (item.signal === 'metrics' ? [{ lane, item }] : [])),
    ({ lane, item }) =>
      [lane.service, item.metric.name, ...item.point.attributes.map(({ value }) => String(value))].join('|'),
  );
  for (const stream of streams.values()) {
    const [first] = stream;
    if (first === undefined) continue;
    const { service } = first.lane;
    const items = stream.map(({ item }) => item).sort((a, b) => compare(a.point.timeUnixNano, b.point.timeUnixNano));
    addStream(windows, service, first.item.metric, items);
  }
  return windows;
}

function addStream(
  windows: Map<string, WindowSum>,
  service: string,
  metric: MetricItem['metric'],
  items: readonly MetricItem[],
): void {
  const points = items.map(({ point }) => point);
  if (metric.name === 'process.memory.usage') {
    for (const point of points)
      addTo(windows, windowKey(service, metric.name, minuteOf(point.timeUnixNano)), { max: numberOf(point) });
    return;
  }
  const isGauge = metric.kind === 'gauge' || (metric.kind === 'sum' && !metric.isMonotonic);
  if (isGauge) {
    addReadings(
      windows,
      service,
      metric.name,
      metric.temporality === 'delta' ? running(points) : points.map(readingOf),
    );
    return;
  }
  const increases =
    metric.temporality === 'delta'
      ? points
      : [...Map.groupBy(points, (point) => point.startTimeUnixNano).values()].flatMap(differences);
  // No lane reports so rarely that an increase would be spread; of a part of what was sent only the totals are asked for.
  for (const point of increases) {
    const minuteMs = minuteOf(point.timeUnixNano);
    addTo(windows, windowKey(service, metric.name, minuteMs), partOf(point));
    // Requests are derived from the duration histogram (contract.md §4).
    if (metric.name === 'http.server.request.duration' && point.type === 'histogram')
      addTo(windows, windowKey(service, 'kaiku_http_requests_total', minuteMs), { sum: point.count });
  }
}

interface Reading {
  readonly timeNs: bigint;
  readonly value: number;
}

const numberOf = (point: BarePoint): number => (point.type === 'number' ? (point.value ?? 0) : 0);
const readingOf = (point: BarePoint): Reading => ({ timeNs: point.timeUnixNano, value: numberOf(point) });

function running(points: readonly BarePoint[]): Reading[] {
  let value = 0;
  return points.map((point) => {
    value += numberOf(point);
    return { timeNs: point.timeUnixNano, value };
  });
}

function addReadings(
  windows: Map<string, WindowSum>,
  service: string,
  metric: string,
  readings: readonly Reading[],
): void {
  const byMinute = new Map<number, number>();
  readings.forEach(({ timeNs, value }, index) => {
    byMinute.set(minuteOf(timeNs), value);
    const next = readings[index + 1];
    if (next === undefined || next.timeNs - timeNs > MAX_FILL_NS) return;
    for (let at = minuteOf(timeNs) + MINUTE_MS; at < minuteOf(next.timeNs); at += MINUTE_MS) byMinute.set(at, value);
  });
  for (const [minuteMs, last] of byMinute) addTo(windows, windowKey(service, metric, minuteMs), { last });
}

/** Of one start, in the order of time: what each point added to the one before it. */
function differences(points: readonly BarePoint[]): BarePoint[] {
  return points.map((point, index) => {
    const before = points[index - 1];
    if (before === undefined) return point;
    const own = { startTimeUnixNano: before.timeUnixNano };
    if (point.type === 'number' && before.type === 'number')
      return { ...point, ...own, value: numberOf(point) - numberOf(before) };
    if (point.type === 'histogram' && before.type === 'histogram')
      return {
        ...point,
        ...own,
        count: point.count - before.count,
        sum: (point.sum ?? 0) - (before.sum ?? 0),
        bucketCounts: minus(point.bucketCounts, before.bucketCounts),
      };
    if (point.type === 'exponentialHistogram' && before.type === 'exponentialHistogram')
      return {
        ...point,
        ...own,
        count: point.count - before.count,
        sum: (point.sum ?? 0) - (before.sum ?? 0),
        positive: { ...point.positive, bucketCounts: minus(point.positive.bucketCounts, before.positive.bucketCounts) },
      };
    throw new Error('a stream has points of one type');
  });
}

const minus = (after: readonly number[], before: readonly number[]): number[] =>
  after.map((count, index) => count - (before[index] ?? 0));

function partOf(point: BarePoint): Partial<WindowSum> {
  switch (point.type) {
    case 'number':
      return { sum: point.value ?? 0 };
    case 'histogram':
      return {
        sum: point.sum ?? 0,
        count: point.count,
        spans: explicitSpans(point.explicitBounds, point.bucketCounts, plainScale),
      };
    case 'exponentialHistogram':
      return { sum: point.sum ?? 0, count: point.count, spans: exponentialSpans(point, plainScale) };
    case 'summary':
      throw new Error('no lane sends summaries');
  }
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
