import type { PointTable } from './pointTable.ts';
import type { LogRecord, Span, SpoiledRecord } from './records.ts';

/** One decoded export request. */
export type DecodedRequest =
  | { readonly signal: 'metrics'; readonly records: PointTable; readonly spoiled: readonly SpoiledRecord[] }
  | { readonly signal: 'logs'; readonly records: readonly LogRecord[]; readonly spoiled: readonly SpoiledRecord[] }
  | { readonly signal: 'traces'; readonly records: readonly Span[]; readonly spoiled: readonly SpoiledRecord[] };
