import { explicitSpans, exponentialSpans } from '@command-center/contract/sketch/build';
import { emptySpans, mergeSpans, type SpanList } from '@command-center/contract/sketch/spans';
import type { BarePoint } from '@command-center/sidecar/decode/testing/trees';
import type { Lane, MetricItem } from './lanes.ts';

/** A metric of a service over the whole run. */
export interface Total {
  /** Counters: the increase; histograms: sum of the values; additive gauges: the sum of the last values. */
  readonly sum: number;
  /** Histograms alone. */
  readonly count: number;
  readonly spans: SpanList;
}

export type Totals = ReadonlyMap<string, Total>;

export const totalKey = (service: string, metric: string): string => `${service} ${metric}`;

const plainScale = { factor: 1, isSigned: false };

/**
 * What the tables must hold after these records, reckoned the plain way: deltas are added, of a cumulative stream the newest point of each start
 * counts, of a gauge the newest point. Requests derived from the duration histogram (contract.md §4) included.
 */
export function totalsOf(sent: readonly { readonly lane: Lane; readonly item: MetricItem }[]): Totals {
  const newest = new Map<string, { lane: Lane; item: MetricItem }>();
  sent.forEach((each) => {
    const { lane, item } = each;
    const { point, metric } = item;
    const isInterval = metric.temporality === 'delta';
    const stream = [
      lane.service,
      metric.name,
      ...point.attributes.map(({ value }) => String(value)),
      metric.kind === 'gauge' ? '' : point.startTimeUnixNano,
      isInterval ? point.timeUnixNano : '',
    ].join('|');
    const known = newest.get(stream);
    if (known === undefined || known.item.point.timeUnixNano < point.timeUnixNano) newest.set(stream, each);
  });
  const totals = new Map<string, Total>();
  const add = (key: string, part: Total): void => {
    const known = totals.get(key) ?? { sum: 0, count: 0, spans: emptySpans };
    totals.set(key, {
      sum: known.sum + part.sum,
      count: known.count + part.count,
      spans: mergeSpans(known.spans, part.spans),
    });
  };
  for (const { lane, item } of currentOf([...newest.values()])) {
    add(totalKey(lane.service, item.metric.name), partOf(item.point));
    if (item.metric.name === 'http.server.request.duration' && item.point.type === 'histogram')
      add(totalKey(lane.service, 'kaiku_http_requests_total'), { sum: item.point.count, count: 0, spans: emptySpans });
  }
  return totals;
}

/** A cumulative UpDownCounter is a gauge: only its newest start holds. */
function currentOf<T extends { readonly lane: Lane; readonly item: MetricItem }>(all: readonly T[]): T[] {
  const isUpDown = ({ item }: T): boolean =>
    item.metric.kind === 'sum' && !item.metric.isMonotonic && item.metric.temporality === 'cumulative';
  const isOvertaken = (each: T): boolean =>
    all.some(
      (other) =>
        isUpDown(other) &&
        other.lane === each.lane &&
        other.item.point.attributes === each.item.point.attributes &&
        other.item.metric.name === each.item.metric.name &&
        other.item.point.timeUnixNano > each.item.point.timeUnixNano,
    );
  return all.filter((each) => !(isUpDown(each) && isOvertaken(each)));
}

function partOf(point: BarePoint): Total {
  switch (point.type) {
    case 'number':
      return { sum: point.value ?? 0, count: 0, spans: emptySpans };
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
