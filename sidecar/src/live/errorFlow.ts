import type { LogItem } from '@command-center/contract/api/lists';

/** An ERROR record to be sent, and how many more came that are not. */
export interface SentError {
  readonly error: LogItem;
  readonly more: number;
}

/** Sends what is newest, at most so many a second, and counts the rest; pure but for what it remembers. */
export interface ErrorFlow {
  /** `added`: new ones, newest first. `arrived`: all that came, those included. */
  arrive(added: readonly LogItem[], arrived: number): void;
  /** What may be sent now, oldest first; the last one carries the count of the rest. */
  take(nowMs: number): readonly SentError[];
}

const SECOND_MS = 1_000;

export function createErrorFlow(perSecond: number): ErrorFlow {
  let waiting: readonly LogItem[] = [];
  let more = 0;
  let sentAtMs: readonly number[] = [];
  return {
    arrive: (added, arrived) => {
      const all = [...added, ...waiting].sort(newestFirst);
      waiting = all.slice(0, perSecond);
      more += Math.max(0, arrived - added.length) + all.length - waiting.length;
    },
    take: (nowMs) => {
      sentAtMs = sentAtMs.filter((ms) => nowMs - ms < SECOND_MS);
      const free = perSecond - sentAtMs.length;
      const sent = waiting.slice(0, free).reverse();
      if (sent.length === 0) return [];
      waiting = waiting.slice(free);
      sentAtMs = [...sentAtMs, ...sent.map(() => nowMs)];
      const rest = more;
      more = 0;
      return sent.map((error, index) => ({ error, more: index === sent.length - 1 ? rest : 0 }));
    },
  };
}

function newestFirst(a: LogItem, b: LogItem): number {
  if (a.ts !== b.ts) return a.ts < b.ts ? 1 : -1;
  return a.id < b.id ? 1 : -1;
}
