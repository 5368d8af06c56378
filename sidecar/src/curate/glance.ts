import { isIdAt, isZeroAt, SPAN_ID_BYTES, TRACE_ID_BYTES } from '@command-center/contract/traceContext';
import type { LogRecord, Span, SpanGlance } from '../decode/records.ts';

/** When a log happened, else when it was observed; whole milliseconds, undefined where it does not say. */
export function sentMsOf(record: LogRecord): number | undefined {
  if (record.glance !== undefined) return record.glance.sentMs;
  return wholeMs(record.timeUnixNano > 0n ? record.timeUnixNano : record.observedTimeUnixNano);
}

export function glanceAt(span: Span): SpanGlance {
  if (span.glance !== undefined) return span.glance;
  const { traceId, spanId, parentSpanId, startTimeUnixNano, endTimeUnixNano } = span;
  return {
    startMs: wholeMs(startTimeUnixNano),
    durationMs: Number(endTimeUnixNano - startTimeUnixNano) / 1e6,
    hasIds: isIdAt(traceId, 0, traceId.length, TRACE_ID_BYTES) && isIdAt(spanId, 0, spanId.length, SPAN_ID_BYTES),
    isRoot: isZeroAt(parentSpanId, 0, parentSpanId.length),
    mayHave: () => true,
  };
}

function wholeMs(unixNano: bigint): number | undefined {
  return unixNano > 0n ? Number(unixNano / 1_000_000n) : undefined;
}
