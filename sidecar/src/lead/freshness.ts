import type { MinuteRow, RowsByMetric, Series } from './recent.ts';

const MINUTE_MS = 60_000;

/** When the newest datum of each metric came. Rows only tell its minute; that a row changed between two looks tells more. */
export interface Freshness {
  /** Looks at the rows of the minutes from `fromMs` on. */
  observe(rows: RowsByMetric, series: readonly Series[], fromMs: number, nowMs: number): void;
  /** Never later than the truth, so that silence is never overlooked; null = never heard. */
  datumMs(metric: string): number | null;
}

interface Seen {
  readonly minuteMs: number;
  /** Changes with every datum that changes a row. */
  readonly mark: string;
  readonly datumMs: number;
}

export function createFreshness(): Freshness {
  const seen = new Map<string, Seen>();
  return {
    observe: (rows, series, fromMs, nowMs) => {
      for (const { metric, lastSeenMs } of series) {
        // Heard, yet maybe in none of the minutes read: of its series it is known when a batch last renewed them.
        const known = seen.get(metric);
        if (known !== undefined && known.minuteMs > 0) continue;
        const datumMs = Math.max(known?.datumMs ?? 0, Math.min(lastSeenMs, fromMs));
        seen.set(metric, { minuteMs: 0, mark: '', datumMs });
      }
      for (const [metric, parts] of rows) seen.set(metric, look(parts, seen.get(metric), nowMs));
    },
    datumMs: (metric) => seen.get(metric)?.datumMs ?? null,
  };
}

function look(rows: readonly MinuteRow[], known: Seen | undefined, nowMs: number): Seen {
  const minuteMs = rows.reduce((newest, row) => Math.max(newest, row.minuteMs), 0);
  const newest = rows.filter((row) => row.minuteMs === minuteMs);
  const mark = markOf(newest);
  if (known !== undefined && known.minuteMs === minuteMs && known.mark === mark) return known;
  // The first look at a row says nothing of when it came, unless an earlier look missed it.
  const isWitnessed = known !== undefined && known.minuteMs > 0;
  const newestMs = Math.max(...newest.map((row) => row.minuteMs + (row.lastMs ?? 0)));
  const latestMs = Math.min(nowMs, minuteMs + MINUTE_MS);
  return { minuteMs, mark, datumMs: isWitnessed ? latestMs : Math.min(newestMs, latestMs) };
}

function markOf(rows: readonly MinuteRow[]): string {
  let sum = 0;
  for (const row of rows) sum += row.count + row.sum + (row.last ?? 0) + (row.max ?? 0) + (row.lastMs ?? 0);
  return `${rows.length}:${sum}`;
}
