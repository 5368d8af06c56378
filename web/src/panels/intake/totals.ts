import type { Intake } from '@command-center/contract/api/intake';

export type IntakeRow = Intake['by_service'][number];
export type Reason = Intake['reasons'][number];
const signals = ['metrics', 'logs', 'traces'] as const;
export type Signal = (typeof signals)[number];

export const recordNames: Readonly<Record<Signal, string>> = { metrics: 'points', logs: 'records', traces: 'spans' };

export interface Total {
  readonly signal: Signal;
  readonly received: number;
  readonly stored: number;
  readonly dropped: number;
  readonly refused: number;
  /** The newest; null where nothing came. */
  readonly lastMs: number | null;
}

/** One row a signal, also for what never came: silence is an answer. */
export function totalsOf(rows: readonly IntakeRow[]): Total[] {
  return signals.map((signal) => {
    const own = rows.filter((row) => row.signal === signal);
    const sum = (key: 'received' | 'stored' | 'dropped' | 'refused'): number =>
      own.reduce((total, row) => total + row[key], 0);
    return {
      signal,
      received: sum('received'),
      stored: sum('stored'),
      dropped: sum('dropped'),
      refused: sum('refused'),
      lastMs: own.length === 0 ? null : Math.max(...own.map(({ last }) => Date.parse(last))),
    };
  });
}

export function ofSignal<R extends { readonly signal: Signal }>(rows: readonly R[], signal: '' | Signal): R[] {
  return signal === '' ? [...rows] : rows.filter((row) => row.signal === signal);
}

export interface ReasonGroup {
  readonly key: string;
  readonly outcome: Reason['outcome'];
  readonly reason: string;
  readonly text: string;
  readonly count: number;
  readonly lastMs: number;
  /** Whom and what it concerned, most first. */
  readonly rows: readonly Reason[];
}

/** Reasons by outcome and code, most first: one sentence each, whoever it concerned. */
export function groupReasons(reasons: readonly Reason[]): ReasonGroup[] {
  const groups = Map.groupBy(reasons, ({ outcome, reason }) => `${outcome}/${reason}`);
  return [...groups]
    .flatMap(([key, rows]) => {
      const [first] = rows;
      if (first === undefined) return [];
      const { outcome, reason, text } = first;
      const count = rows.reduce((total, row) => total + row.count, 0);
      const lastMs = Math.max(...rows.map(({ last }) => Date.parse(last)));
      return [{ key, outcome, reason, text, count, lastMs, rows: rows.toSorted((a, b) => b.count - a.count) }];
    })
    .sort((left, right) => right.count - left.count);
}
