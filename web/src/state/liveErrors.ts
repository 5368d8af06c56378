import type { LogItem, Logs } from '@command-center/contract/api/lists';

/** An ERROR record as the socket tells it. */
export type HeardError = Pick<LogItem, 'id' | 'ts' | 'level' | 'service' | 'domain' | 'event' | 'message' | 'trace_id'>;

/** A row of the feed: the newest of its group, and how many there are. */
export interface FeedRow extends HeardError {
  readonly count: number;
}

export interface Feed {
  /** Newest first. */
  readonly rows: readonly FeedRow[];
  /** There are groups that have no row. */
  readonly isCut: boolean;
  /** Errors that were stored since the last fetch and are in no row. */
  readonly more: number;
}

/** Errors that came unsent, at one moment by this browser's clock. */
interface Unsent {
  readonly atMs: number;
  readonly count: number;
}

export interface Heard {
  /** In the order in which they came. */
  readonly errors: readonly HeardError[];
  readonly unsent: readonly Unsent[];
}

export const nothingHeard: Heard = { errors: [], unsent: [] };

/** Rows of the feed, and groups that a fetch asks for. */
export const feedRows = 25;

/** Errors kept between two fetches: a minute of what the socket sends one by one, and a half. What is more is counted as unsent. */
export const mostErrors = 900;
/** Ids that are known again, so that a frame that comes twice counts once. */
const mostIds = 4 * mostErrors;
/** Moments of unsent errors; those within a second are one, and a fetch comes every minute. */
const mostUnsent = 120;
const momentMs = 1_000;

/** What was heard since the page was opened, as far as a fetch may not have counted it. */
export class HeardErrors {
  #ids: Set<string> = new Set<string>();
  #errors: HeardError[] = [];
  #unsent: Unsent[] = [];

  /** Takes an error once, however often it comes. */
  add(error: HeardError, nowMs: number): void {
    if (this.#ids.has(error.id)) return;
    this.#ids.add(error.id);
    if (this.#ids.size > mostIds) this.#ids = new Set([...this.#ids].slice(mostErrors));
    this.#errors.push(error);
    if (this.#errors.length <= mostErrors) return;
    const half = Math.floor(mostErrors / 2);
    this.#errors = this.#errors.slice(half);
    this.addUnsent(half, nowMs);
  }

  /** Takes a number of errors of which nothing else is known. */
  addUnsent(count: number, nowMs: number): void {
    if (count === 0) return;
    const last = this.#unsent.at(-1);
    if (last !== undefined && nowMs - last.atMs < momentMs)
      this.#unsent[this.#unsent.length - 1] = { atMs: last.atMs, count: last.count + count };
    else this.#unsent.push({ atMs: nowMs, count });
    if (this.#unsent.length > mostUnsent) this.#unsent.shift();
  }

  /** As it is now; later additions do not change it. */
  get now(): Heard {
    return { errors: [...this.#errors], unsent: [...this.#unsent] };
  }
}

/** Repeats of one (level, service, domain, event) are one group, as `GET /logs?group=1` answers them. */
export function groupKey({ level, service, domain, event }: HeardError): string {
  return JSON.stringify([level, service, domain, event]);
}

/**
 * The feed: what was fetched, and what was heard since. An error newer than the newest of its group in the answer is not in the answer; any other
 * is taken as counted, so that nothing counts twice. Fetched null: what was heard alone. `askedAtMs`: when the answer was asked for.
 */
export function mergeFeed(fetched: Logs | null, askedAtMs: number, heard: Heard): Feed {
  const items = fetched?.items ?? [];
  // The latest last, so that of errors of one instant the later heard is the newer.
  const rows = new Map<string, FeedRow>();
  for (const item of items.toReversed()) rows.set(groupKey(item), { ...item, count: item.count ?? 1 });
  const countedTo = new Map(items.map((item) => [groupKey(item), Date.parse(item.ts)]));
  for (const error of heard.errors) {
    const key = groupKey(error);
    if (Date.parse(error.ts) <= (countedTo.get(key) ?? Number.NEGATIVE_INFINITY)) continue;
    const row = withOneMore(rows.get(key), error);
    rows.delete(key);
    rows.set(key, row);
  }
  const sorted = [...rows.values()].reverse().sort((a, b) => Date.parse(b.ts) - Date.parse(a.ts));
  return {
    rows: sorted.slice(0, feedRows),
    isCut: sorted.length > feedRows || (fetched !== null && fetched.next_cursor !== null),
    more: heard.unsent.filter(({ atMs }) => atMs >= askedAtMs).reduce((sum, { count }) => sum + count, 0),
  };
}

function withOneMore(row: FeedRow | undefined, error: HeardError): FeedRow {
  if (row === undefined) return { ...error, count: 1 };
  const newest = Date.parse(error.ts) >= Date.parse(row.ts) ? error : row;
  return { ...newest, count: row.count + 1 };
}
