import type { BatchObserver } from '../batch/observer.ts';

/** The observer, and beside it `onLogs` where a batch stored log records: what was stored here is told at once. */
export function tellStoredLogs(observer: BatchObserver, onLogs: () => void): BatchObserver {
  return {
    ...observer,
    batchCommitted: (batch) => {
      observer.batchCommitted(batch);
      if (batch.counts.some(({ signal, outcome }) => signal === 'logs' && outcome === 'stored')) onLogs();
    },
  };
}
