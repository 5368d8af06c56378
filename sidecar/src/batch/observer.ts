import type { ReasonCode } from '@command-center/contract/reasons';
import type { IntakeCount } from '../store/intake.ts';

/** Told what becomes of batches, for the sidecar's own metrics and its health. Called once a batch, never once a record; must not throw. */
export interface BatchObserver {
  /** A batch leaves the queue; `bytes` decompressed. */
  batchTaken(batch: { readonly requests: number; readonly bytes: number }): void;
  /** After the commit. */
  batchCommitted(batch: CommittedBatch): void;
  /** Requests that were answered with a refusal. `code`: SQLSTATE, or the code of the connection's error. */
  batchFailed(failure: { readonly reason: ReasonCode; readonly code: string; readonly requests: number }): void;
  /** Built again, because another sidecar changed the same stream state meanwhile. */
  batchConflicted(): void;
  /** The committed state was forgotten, or there was none yet: at the start, and after each commit of unknown outcome. */
  writerTaken(writer: number): void;
}

export interface CommittedBatch {
  readonly buildMs: number;
  /** Of the transaction, its statements included. */
  readonly commitMs: number;
  /** Time of the newest record that went in, milliseconds since the epoch; -Infinity = none did. */
  readonly newestMs: number;
  /** What became of its records, as telemetry_intake has it. */
  readonly counts: readonly IntakeCount[];
}
