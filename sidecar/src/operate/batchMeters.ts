import { reasons } from '@command-center/contract/reasons';
import type { BatchObserver } from '../batch/observer.ts';
import type { IntakeCount, IntakeOutcome } from '../store/intake.ts';
import type { Meters } from './meters.ts';
import type { Readiness } from './readiness.ts';

/** Time that the lag is measured by, milliseconds since the epoch. */
type Clock = () => number;

/** Counts what becomes of batches, and lets the sidecar's standing know. */
export function observeBatches(meters: Meters, readiness: Readiness, nowMs: Clock): BatchObserver {
  let newestMs: number | undefined;
  meters.observe('lag', () => (newestMs === undefined ? undefined : (nowMs() - newestMs) / 1000));
  return {
    batchTaken: ({ requests, bytes }) => {
      meters.record('batchRequests', requests);
      meters.record('batchBytes', bytes);
    },
    batchCommitted: (batch) => {
      readiness.stored();
      meters.add('batches', 1);
      meters.record('buildTime', batch.buildMs / 1000);
      meters.record('commitTime', batch.commitMs / 1000);
      if (Number.isFinite(batch.newestMs)) newestMs = batch.newestMs;
      for (const count of batch.counts) adders[count.outcome](meters, count);
    },
    batchFailed: ({ reason, code, requests }) => {
      if (reasons[reason].isRetryable) readiness.notStored(code);
      meters.add('failedRequests', requests, code);
    },
    batchConflicted: () => meters.add('conflicts', 1),
    writerTaken: () => meters.add('writers', 1),
  };
}

type Add = (meters: Meters, count: IntakeCount) => void;

const adders: Readonly<Record<IntakeOutcome, Add>> = {
  received: (meters, { signal, count }) => meters.add('received', count, signal),
  stored: (meters, { signal, count }) => meters.add('stored', count, signal),
  dropped: (meters, { signal, reason, count }) => meters.add('dropped', count, signal, reason),
  refused: (meters, { signal, reason, count }) => meters.add('rejected', count, signal, reason),
  noted: (meters, { signal, reason, count }) => meters.add('noted', count, signal, reason),
  masked: (meters, { signal, reason, count }) => meters.add('masked', count, signal, reason),
};
