import type { DecodedRequest } from '../decode/request.ts';
import type { Exporter, ExportResult } from '../receive/export.ts';
import type { CuratedRequest } from './curateRequest.ts';
import type { BatchObserver } from './observer.ts';

/** What a request waits behind: at least this long, so that what arrives together is committed together (design §5). */
const MIN_COLLECT_MS = 20;
/** Decompressed bytes of one batch; a single larger request is a batch alone. */
const MAX_BATCH_BYTES = 4 * 1024 * 1024;
/** Decompressed bytes of a small request, and of the small ones that go before larger ones in each batch: whoever sends little does not wait behind a flood. */
const SMALL_BYTES = 64 * 1024;
const MAX_SMALL_BATCH_BYTES = 1024 * 1024;
/** The part of the bytes in flight that larger requests leave to small ones. */
const SMALL_SHARE = 1 / 16;

interface Waiting {
  readonly request: CuratedRequest;
  readonly bytes: number;
  readonly sinceMs: number;
  readonly answer: (result: ExportResult) => void;
}

export interface CommitterOptions {
  curate(request: DecodedRequest): CuratedRequest;
  /** Commits the requests together and answers each, in order. Never rejects. */
  commit(requests: readonly CuratedRequest[]): Promise<readonly ExportResult[]>;
  /** Bytes that may be in flight, decompressed (COMMAND_CENTER_MEMORY_LIMIT_BYTES). */
  readonly maxBytesInFlight: number;
  readonly observer?: BatchObserver;
}

/**
 * Collects requests into batches and commits them strictly one after another; while one commits, the next is received, decoded and curated.
 * Other work on the committed state (moving windows, flushing counters) takes its turn through `exclusively`.
 */
export class Committer implements Exporter {
  readonly #options: CommitterOptions;
  #waiting: Waiting[] = [];
  #bytesInFlight = 0;
  #isStopping = false;
  #turn: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: CommitterOptions) {
    this.#options = options;
  }

  /** What is held now: requests that no batch has taken yet, the age of the oldest, and the bytes of all that is not answered. */
  load(): { readonly waiting: number; readonly oldestAgeMs: number; readonly bytesInFlight: number } {
    const oldest = this.#waiting[0];
    const oldestAgeMs = oldest === undefined ? 0 : performance.now() - oldest.sinceMs;
    return { waiting: this.#waiting.length, oldestAgeMs, bytesInFlight: this.#bytesInFlight };
  }

  /** A request of any size is admitted when nothing else is in flight; else it must fit, a larger one beside what is left to small ones. */
  reserve(bytes: number): boolean {
    const { maxBytesInFlight } = this.#options;
    const most = bytes <= SMALL_BYTES ? maxBytesInFlight : maxBytesInFlight * (1 - SMALL_SHARE);
    if (this.#bytesInFlight > 0 && this.#bytesInFlight + bytes > most) return false;
    this.#bytesInFlight += bytes;
    return true;
  }

  release(bytes: number): void {
    this.#bytesInFlight -= bytes;
  }

  async export(request: DecodedRequest, bytes: number): Promise<ExportResult> {
    if (this.#isStopping) {
      return {
        outcome: 'refused',
        reason: 'stopping',
        message: 'the sidecar is stopping; send again',
        retryAfterSeconds: 1,
      };
    }
    if (request.records.length === 0 && request.spoiled.length === 0)
      return { outcome: 'stored', rejected: 0, message: '' };
    const curated = this.#options.curate(request);
    return new Promise((answer) => {
      this.#waiting.push({ request: curated, bytes, sinceMs: performance.now(), answer });
      this.#timer ??= setTimeout(() => this.#drain(), MIN_COLLECT_MS);
    });
  }

  /** Runs `work` between two batches. */
  exclusively<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.then(
      () => undefined,
      () => undefined,
    );
    return result;
  }

  /** Refuses what comes from now on; resolves when everything accepted before is committed or refused. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#drain();
    await this.#turn;
  }

  #drain(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    void this.exclusively(() => this.#commitWaiting());
  }

  async #commitWaiting(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#take();
      const results = await this.#options.commit(batch.map((waiting) => waiting.request));
      batch.forEach((waiting, index) => {
        const result = results[index];
        if (result === undefined) throw new Error('a batch must answer each of its requests');
        waiting.request.points.table.release();
        waiting.answer(result);
      });
    }
  }

  /** Small requests first, up to their share of a batch, then all in the order in which they came. */
  #take(): Waiting[] {
    const batch = new Set<Waiting>();
    let bytes = 0;
    const takeUpTo = (most: number, isTaken: (waiting: Waiting) => boolean): void => {
      for (const waiting of this.#waiting) {
        if (batch.has(waiting) || !isTaken(waiting)) continue;
        if (batch.size > 0 && bytes + waiting.bytes > most) return;
        batch.add(waiting);
        bytes += waiting.bytes;
      }
    };
    takeUpTo(MAX_SMALL_BATCH_BYTES, (waiting) => waiting.bytes <= SMALL_BYTES);
    takeUpTo(MAX_BATCH_BYTES, () => true);
    this.#waiting = this.#waiting.filter((waiting) => !batch.has(waiting));
    this.#options.observer?.batchTaken({ requests: batch.size, bytes });
    return [...batch];
  }
}
