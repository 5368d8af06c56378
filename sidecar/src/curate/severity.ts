import type { LogRecord } from '../decode/records.ts';

/** What is kept of a log's severity; FATAL counts as ERROR (contract.md §3). */
export type Level = 'WARN' | 'ERROR';

/** SeverityNumber (logs.proto): WARN is 13-16, ERROR 17-20, FATAL 21-24 and, by otlp-conformance item 23, anything above. */
const FIRST_WARN = 13;
const FIRST_ERROR = 17;

const spellings: ReadonlyMap<string, Level | 'below_warn'> = new Map([
  ...['warn', 'warning'].map((text) => [text, 'WARN'] as const),
  ...['error', 'err', 'fatal', 'crit', 'critical', 'emerg', 'emergency', 'alert', 'panic', 'severe'].map(
    (text) => [text, 'ERROR'] as const,
  ),
  ...['trace', 'debug', 'verbose', 'fine', 'info', 'information', 'informational', 'notice'].map(
    (text) => [text, 'below_warn'] as const,
  ),
]);

/** Longer than any spelling; bounds the case folding. */
const MAX_SPELLING_CHARACTERS = 32;

/** The level by number, else by the text's spelling (`WARN2` is warn); why the record is dropped where it has none of the two. */
export function levelOf(
  record: Pick<LogRecord, 'severityNumber' | 'severityText'>,
): Level | 'below_warn' | 'unknown_severity' {
  const { severityNumber } = record;
  if (severityNumber >= FIRST_ERROR) return 'ERROR';
  if (severityNumber >= FIRST_WARN) return 'WARN';
  if (severityNumber > 0) return 'below_warn';
  const text = record.severityText.slice(0, MAX_SPELLING_CHARACTERS).trim().toLowerCase();
  return spellings.get(text) ?? spellings.get(text.replace(/[1-4]$/, '')) ?? 'unknown_severity';
}
