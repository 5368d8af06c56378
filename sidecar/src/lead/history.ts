import { fills, increase, isConnected, isServerError, minuteMs, rankedDistribution } from './measures.ts';
import { labelOf, type MinuteRow, type RowsByMetric } from './recent.ts';
import { minuteNames, type Ratio } from './situation.ts';
import { type Bounds, fullest, type Sparklines } from './vitalSigns.ts';

/** What a minute adds to the sparklines, to who had the most requests, and to joins. */
interface PastMinute {
  readonly latency: number | null;
  readonly traffic: number | null;
  readonly errors: number | null;
  readonly saturation: number | null;
  readonly requestsByService: ReadonlyMap<string, number>;
  readonly joins: Ratio;
}

/** Points of a sparkline: one a minute over the last hour (contract.md §6). */
export const historyMinutes = 60;

/** The last hour, kept so that each pass reads only its newest minutes. */
export interface History {
  /** Minutes of the hour before `newestMs` that were never read, newest first. */
  missing(newestMs: number): readonly number[];
  /** Takes over the minutes [fromMs, toMs] of the rows. */
  learn(rows: RowsByMetric, fromMs: number, toMs: number): void;
  sparklines(newestMs: number): Sparklines;
  /** The service with most requests in the last hour. */
  busiestService(): string | null;
  /** Joins of voice rooms in the last hour: those that succeeded, and all. */
  joins(): Ratio;
}

export function createHistory(bounds: Bounds, memoryLimitBytes: number | undefined): History {
  const minutes = new Map<number, PastMinute>();
  const hour = (newestMs: number): number[] =>
    Array.from({ length: historyMinutes }, (_, index) => newestMs - index * minuteMs);
  return {
    missing: (newestMs) => hour(newestMs).filter((ms) => !minutes.has(ms)),
    learn: (rows, fromMs, toMs) => {
      for (let ms = fromMs; ms <= toMs; ms += minuteMs) minutes.set(ms, pastMinute(rows, ms, bounds, memoryLimitBytes));
    },
    sparklines: (newestMs) => {
      const wanted = hour(newestMs).reverse();
      const [oldestMs = newestMs] = wanted;
      for (const ms of minutes.keys()) if (ms < oldestMs) minutes.delete(ms);
      const line = (sign: keyof Sparklines) =>
        wanted.map((ms) => ({ ts: new Date(ms).toISOString(), value: minutes.get(ms)?.[sign] ?? null }));
      return {
        latency: line('latency'),
        traffic: line('traffic'),
        errors: line('errors'),
        saturation: line('saturation'),
      };
    },
    busiestService: () => {
      const totals = new Map<string, number>();
      for (const { requestsByService } of minutes.values()) {
        for (const [name, sum] of requestsByService) totals.set(name, (totals.get(name) ?? 0) + sum);
      }
      return [...totals].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]))[0]?.[0] ?? null;
    },
    joins: () => {
      const total = { numerator: 0, denominator: 0 };
      for (const { joins } of minutes.values()) {
        total.numerator += joins.numerator;
        total.denominator += joins.denominator;
      }
      return total;
    },
  };
}

function pastMinute(rows: RowsByMetric, ms: number, bounds: Bounds, memoryLimitBytes: number | undefined): PastMinute {
  const of = (metric: string): readonly MinuteRow[] => (rows.get(metric) ?? []).filter((row) => row.minuteMs === ms);
  const requests = of(minuteNames.requests);
  const total = increase(requests);
  const p95 = rankedDistribution(of(minuteNames.latency)).p95;
  const fill = fullest(fills(rows, { fromMs: ms, toMs: ms, memoryToMs: ms }, memoryLimitBytes), bounds);
  const requestsByService = new Map<string, number>();
  for (const row of requests) {
    const name = labelOf(row.series, 'service.name');
    if (name !== '') requestsByService.set(name, (requestsByService.get(name) ?? 0) + row.sum);
  }
  return {
    latency: p95 === null ? null : p95.value * 1000,
    traffic: requests.length === 0 ? null : total / 60,
    errors: total > 0 ? (100 * increase(of(minuteNames.errors).filter(isServerError))) / total : null,
    saturation: fill?.percent ?? null,
    requestsByService,
    joins: joinsOf(of(minuteNames.joins)),
  };
}

/** Of rows of joins: those that succeeded, and all. */
export function joinsOf(rows: readonly MinuteRow[]): Ratio {
  return { numerator: increase(rows.filter(isConnected)), denominator: increase(rows) };
}
