import type { PointTable } from './pointTable.ts';
import type { LogRecord, Span, SpoiledRecord } from './records.ts';

/** One decoded export request. */
export type DecodedRequest = Remainder &
  (
    | { readonly signal: 'metrics'; readonly records: PointTable }
    | { readonly signal: 'logs'; readonly records: readonly LogRecord[] }
    | { readonly signal: 'traces'; readonly records: readonly Span[] }
  );

interface Remainder {
  readonly spoiled: readonly SpoiledRecord[];
  /** Attributes and list items of all records, resources and scopes: with the number of records it says how much memory the request takes. */
  readonly values: number;
}
