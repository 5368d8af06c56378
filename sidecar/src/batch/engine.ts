import { lateAfterMs, packedAfterMs } from '@command-center/contract/retention';
import { ensurePartitions } from '@command-center/drizzle/partitions';
import type { Sql, TransactionSql } from 'postgres';
import type { Log } from '../log.ts';
import type { ExportResult } from '../receive/export.ts';
import { writeIntake } from '../store/intake.ts';
import { checkSources, type KnownTakeOver } from '../store/sources.ts';
import { BlockConflict, type Failure, failureOf, inTransaction, Unbuildable } from '../store/transaction.ts';
import { readOwnWindows } from '../store/windows.ts';
import { answer, refused } from './answers.ts';
import { type Built, buildBatch } from './build.ts';
import type { CuratedRequest } from './curateRequest.ts';
import { type Draft, foldDraft } from './draft.ts';
import { loadFamilies, loadSeries, loadSources, lockFamilies, ownersOf } from './load.ts';
import { createMemory, dropFamily, type Memory, retire, type SourceSlot, windowKey, windowOf } from './memory.ts';
import type { BatchObserver } from './observer.ts';
import { admitTakeOvers, takeOversOf } from './takeOvers.ts';
import { NameBudget, type Tally } from './tally.ts';
import { createWarnings } from './warnings.ts';
import { windowFromRow } from './windowRow.ts';
import { daysOf, writeDraft } from './write.ts';

/** How often a batch is built again because another sidecar changed the same stream state; from the second time on under a lock. */
const MAX_CONFLICTS = 5;
/** Half of what lies between late and packed (contract/src/retention.ts). */
const CLOCK_TOLERANCE_MS = (packedAfterMs - lateAfterMs) / 2;

export interface EngineOptions {
  readonly sql: Sql;
  readonly maxSeriesPerMetric: number;
  readonly nowMs: () => number;
  readonly log: Log;
  readonly observer?: BatchObserver;
  /** Windows kept in memory; as memory.ts says where left out. */
  readonly maxWindows?: number;
}

/**
 * Commits batches and holds the committed state. Restart, crash and doubt are one code path: forget everything, take a new writer id, and let
 * the senders' retries be decided by record identity (design §5).
 */
export class Engine {
  readonly #options: EngineOptions;
  readonly #warn: (tally: Tally) => void;
  #memory: Memory | undefined;
  #names = new NameBudget();
  /** How far the database's clock is ahead of ours, from its last answer: its clock says what is late. */
  #clockAheadMs = 0;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#warn = createWarnings(options.log, options.nowMs);
  }

  /** The id under which windows are written now; undefined after a doubtful commit, until the next batch. */
  get writer(): number | undefined {
    return this.#memory?.writer;
  }

  /** Commits the requests together and answers each. Never rejects. */
  async commit(requests: readonly CuratedRequest[]): Promise<readonly ExportResult[]> {
    for (let conflicts = 0; ; conflicts += 1) {
      try {
        const built = await this.#attempt(requests, conflicts > 0);
        return requests.map((request, index) =>
          answer(request, built.rejected[index] ?? new Map(), built.runaways[index] ?? new Set()),
        );
      } catch (error) {
        const failure = failureOf(error);
        if (failure.type === 'conflict' && conflicts < MAX_CONFLICTS) {
          this.#options.observer?.batchConflicted();
          continue;
        }
        return this.#failed(requests, failure, error);
      }
    }
  }

  /** Of the committed state, what is held in memory. */
  held(): { readonly streams: number; readonly windows: number } {
    let streams = 0;
    for (const family of this.#memory?.families.values() ?? []) streams += family.size;
    return { streams, windows: this.#memory?.windows.size ?? 0 };
  }

  /** Writes counts that belong to no batch: requests refused at the door. */
  async flush(tally: Tally): Promise<void> {
    const { writer } = await this.#ready();
    await inTransaction(this.#options.sql, (tx) => writeIntake(tx, writer, tally.rows(this.#names)));
  }

  /** Forgets the committed state; it is read again under a new writer id. */
  forget(): void {
    if (this.#memory !== undefined) retire(this.#memory);
    this.#memory = undefined;
    this.#names = new NameBudget();
  }

  async #ready(): Promise<Memory> {
    if (this.#memory !== undefined) return this.#memory;
    const [row] = await this.#options.sql<
      { writer: string }[]
    >`/* next-writer */ SELECT nextval('telemetry_writers') AS writer`;
    if (row === undefined) throw new Error('next-writer returned no row');
    this.#memory = createMemory(Number(row.writer), this.#options.maxWindows);
    this.#options.observer?.writerTaken(this.#memory.writer);
    return this.#memory;
  }

  async #attempt(requests: readonly CuratedRequest[], isLocking: boolean): Promise<Built> {
    const { sql, maxSeriesPerMetric, nowMs } = this.#options;
    const memory = await this.#ready();
    const owners = ownersOf(requests);
    await loadSeries(sql, memory, requests, maxSeriesPerMetric, nowMs());
    await loadSources(sql, memory, requests);
    await loadFamilies(sql, memory, owners);
    const startedMs = performance.now();
    let built = await this.#buildAgreed(memory, requests);
    const builtMs = performance.now();
    await this.#ensureDays(memory, built);
    const beginMs = performance.now();
    const counts = await inTransaction(sql, async (tx, databaseNowMs) => {
      if (isLocking) built = await this.#buildLocked(tx, memory, requests, owners);
      this.#clockAheadMs = databaseNowMs - nowMs();
      checkLate(built.draft, databaseNowMs);
      await checkSources(tx, built.draft.touched.map(knownTakeOver));
      return writeDraft(tx, memory.writer, built.draft, databaseNowMs, this.#names);
    }).catch((error: unknown) => {
      // What was read may be out of date: after a conflict it is read again.
      for (const owner of owners) dropFamily(memory, owner);
      for (const { holder } of built.draft.touched) memory.holders.delete(holder);
      throw error;
    });
    foldDraft(memory, built.draft);
    this.#options.observer?.batchCommitted({
      buildMs: builtMs - startedMs,
      commitMs: performance.now() - beginMs,
      newestMs: built.newestMs,
      counts,
    });
    this.#warn(built.draft.tally);
    return built;
  }

  /** Builds until every take-over of a source that the batch sees was decided over all sidecars. */
  async #buildAgreed(memory: Memory, requests: readonly CuratedRequest[]): Promise<Built> {
    for (let round = 0; ; round += 1) {
      const built = await this.#build(memory, requests);
      const takeOvers = takeOversOf(built.draft);
      if (takeOvers.length === 0) return built;
      if (round >= MAX_CONFLICTS) throw new BlockConflict();
      await admitTakeOvers(this.#options.sql, memory, built.draft, takeOvers);
    }
  }

  async #buildLocked(
    tx: TransactionSql,
    memory: Memory,
    requests: readonly CuratedRequest[],
    owners: readonly string[],
  ): Promise<Built> {
    await lockFamilies(tx, memory, owners);
    return this.#build(memory, requests);
  }

  /** Builds; where that needs windows that were evicted from memory, reads this writer's own rows and builds again. */
  async #build(memory: Memory, requests: readonly CuratedRequest[]): Promise<Built> {
    const checked = new Set<number>();
    const lateBeforeMs = this.#options.nowMs() + this.#clockAheadMs - lateAfterMs;
    for (;;) {
      const built = buildOrTell(memory, requests, checked, lateBeforeMs);
      const { missing } = built.draft;
      if (missing.size === 0) return built;
      const rows = await readOwnWindows(this.#options.sql, memory.writer, [...missing].map(windowOf));
      for (const row of rows) memory.windows.set(windowKey(row.seriesId, row.minuteMs), windowFromRow(row));
      for (const key of missing) checked.add(key);
    }
  }

  /** Partitions exist before the batch and outside its transaction (design §4). */
  async #ensureDays(memory: Memory, built: Built): Promise<void> {
    const missing = daysOf(built.draft).filter((day) => !memory.days.has(day));
    if (missing.length === 0) return;
    await ensurePartitions(
      this.#options.sql,
      missing.map((day) => new Date(day)),
    );
    for (const day of missing) memory.days.add(day);
  }

  async #failed(
    requests: readonly CuratedRequest[],
    failure: Failure,
    error: unknown,
  ): Promise<readonly ExportResult[]> {
    const { observer } = this.#options;
    if (failure.type === 'data') {
      if (requests.length > 1) return this.#oneByOne(requests);
      this.#options.log('request refused for its data', {
        sql_state: failure.sqlState,
        signal: requests[0]?.signal,
        ...(error instanceof Unbuildable ? { stack: framesOf(error.cause) } : {}),
      });
      observer?.batchFailed({ reason: 'refused_by_database', code: failure.sqlState, requests: 1 });
      return [refused('refused_by_database')];
    }
    if (failure.type === 'unknown') this.forget();
    this.#options.log('batch not committed', {
      failure,
      error: error instanceof Error ? error.message : String(error),
    });
    observer?.batchFailed({ reason: 'database_unavailable', code: codeOf(failure), requests: requests.length });
    return requests.map(() => refused('database_unavailable'));
  }

  /** So that one request that Postgres cannot take does not cost its neighbours. */
  async #oneByOne(requests: readonly CuratedRequest[]): Promise<readonly ExportResult[]> {
    const results: ExportResult[] = [];
    let isAway = false;
    for (const request of requests) {
      // The next would only wait for the same: senders are told to come again after one deadline, not after one each.
      const answers: readonly ExportResult[] = isAway
        ? [refused('database_unavailable')]
        : await this.commit([request]);
      isAway ||= answers.some((each) => each.outcome === 'refused' && each.reason === 'database_unavailable');
      results.push(...answers);
    }
    return results;
  }
}

/** Tried again request by request, the one that is at fault fails alone, and is not sent for ever. */
function buildOrTell(
  memory: Memory,
  requests: readonly CuratedRequest[],
  checked: ReadonlySet<number>,
  lateBeforeMs: number,
): Built {
  try {
    return buildBatch(memory, requests, checked, lateBeforeMs);
  } catch (error) {
    throw new Unbuildable(error);
  }
}

/**
 * A window that was not late by our clock, and is by the database's: its hour may be packed already, and its state must not be written over that. Built
 * again with the clock just learned it is.
 * @throws BlockConflict
 */
function checkLate(draft: Draft, databaseNowMs: number): void {
  const mayBePackedBeforeMs = databaseNowMs - lateAfterMs - CLOCK_TOLERANCE_MS;
  for (const key of draft.windows.keys()) {
    const { minuteMs } = windowOf(key);
    if (minuteMs >= draft.lateBeforeMs && minuteMs < mayBePackedBeforeMs) throw new BlockConflict();
  }
}

function knownTakeOver({ holder, metricName, committed }: SourceSlot): KnownTakeOver {
  return { holder, metricName, fromMinuteMs: committed.at(-1)?.fromMinuteMs };
}

/** The places alone: a message may quote what was sent. */
function framesOf(error: unknown): string {
  const lines = error instanceof Error ? (error.stack?.split('\n') ?? []) : [];
  return lines
    .filter((line) => line.startsWith('    at '))
    .slice(0, 6)
    .map((line) => line.trim())
    .join(' ');
}

function codeOf(failure: Failure): string {
  switch (failure.type) {
    case 'conflict':
      return 'conflict';
    case 'unknown':
      return failure.code;
    case 'data':
    case 'rolledBack':
      return failure.sqlState;
  }
}
