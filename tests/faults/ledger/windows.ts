import { emptySpans, mergeSpans, type SpanList } from '@command-center/contract/sketch/spans';

/** What a metric of a service says of one minute, over all its series, streams and writers. */
export interface WindowSum {
  /** Counters: the increase; histograms: the sum of the values. */
  readonly sum: number;
  /** Of histograms. */
  readonly count: number;
  /** Of additive gauges: the sum of the last values. */
  readonly last: number;
  /** Of the other gauges: the greatest reading. */
  readonly max: number;
  readonly spans: SpanList;
}

/** By `windowKey`. */
export type Windows = ReadonlyMap<string, WindowSum>;

export const noWindow: WindowSum = { sum: 0, count: 0, last: 0, max: 0, spans: emptySpans };

export const windowKey = (service: string, metric: string, minuteMs: number): string =>
  `${service} ${metric} ${new Date(minuteMs).toISOString()}`;

/** `service metric` of a key. */
export const metricOf = (key: string): string => key.slice(0, key.lastIndexOf(' '));

export const serviceOf = (key: string): string => key.slice(0, key.indexOf(' '));

export function addTo(windows: Map<string, WindowSum>, key: string, part: Partial<WindowSum>): void {
  const known = windows.get(key) ?? noWindow;
  windows.set(key, {
    sum: known.sum + (part.sum ?? 0),
    count: known.count + (part.count ?? 0),
    last: known.last + (part.last ?? 0),
    max: Math.max(known.max, part.max ?? 0),
    spans: part.spans === undefined ? known.spans : mergeSpans(known.spans, part.spans),
  });
}

/** Over the whole run, by `service metric`: increases added up, of gauges the newest minute. */
export function totalsOf(windows: Windows): Windows {
  const newest = new Map<string, string>();
  for (const key of windows.keys()) {
    const metric = metricOf(key);
    if (key > (newest.get(metric) ?? '')) newest.set(metric, key);
  }
  const totals = new Map<string, WindowSum>();
  for (const [key, window] of windows) {
    const isNewest = newest.get(metricOf(key)) === key;
    addTo(totals, metricOf(key), isNewest ? window : { ...window, last: 0 });
  }
  return totals;
}

/** With the sketches of minutes before that moved to the first minute of their hour. */
export function coarsened(windows: Windows, beforeMs: number): Windows {
  const coarse = new Map<string, WindowSum>();
  for (const [key, window] of windows) {
    const minuteMs = Date.parse(key.slice(key.lastIndexOf(' ') + 1));
    if (minuteMs >= beforeMs) {
      addTo(coarse, key, window);
      continue;
    }
    const hour = new Date(Math.floor(minuteMs / 3_600_000) * 3_600_000).toISOString();
    addTo(coarse, key, { ...window, spans: emptySpans });
    if (window.spans.spans.length > 0) addTo(coarse, `${metricOf(key)} ${hour}`, { ...noWindow, spans: window.spans });
  }
  return coarse;
}
