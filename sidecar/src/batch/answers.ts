import { type ReasonCode, reasons } from '@command-center/contract/reasons';
import type { ExportResult } from '../receive/export.ts';
import type { CuratedRequest } from './curateRequest.ts';

/** Hints are whole seconds, 1 to 10: one past the sender's patience makes it drop the data (OTLP reference, §A). */
const RETRY_AFTER_SECONDS = 2;

/** A request of which nothing was stored; with a hint where waiting cures it. */
export function refused(reason: ReasonCode): ExportResult {
  const row = reasons[reason];
  return {
    outcome: 'refused',
    reason,
    message: row.text,
    ...(row.isRetryable ? { retryAfterSeconds: RETRY_AFTER_SECONDS } : {}),
  };
}

/** OTLP 1.11, "Partial Success": what was rejected for good, and how to mend it. */
export function answer(
  request: CuratedRequest,
  rejected: ReadonlyMap<string, number>,
  runaways: ReadonlySet<string>,
): ExportResult {
  const named = runaways.size === 0 ? '' : ` (${[...runaways].join(', ')})`;
  const parts = [...rejected].map(([reason, count]) => {
    const subject = reason === 'stream_limit' ? named : '';
    return `${count} x ${reason}${subject}: ${reason in reasons ? reasons[reason as ReasonCode].text : ''}`;
  });
  const total = [...rejected.values()].reduce((sum, count) => sum + count, 0);
  return {
    outcome: 'stored',
    rejected: total,
    message: total === 0 ? '' : `${request.signal}: ${parts.join('; ')}`.slice(0, 1000),
  };
}
