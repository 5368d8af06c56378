import type { CatalogueEntry } from '@command-center/contract/catalogue/entry';
import type { Labels } from '@command-center/contract/labels';
import type { PointTable } from '../decode/pointTable.ts';

/** How a point's stream remembers; decides which state function of aggregate/ it goes through. */
export type StreamKind = 'cumulativeNumber' | 'cumulativeHistogram' | 'delta' | 'additiveGauge' | 'none';

/**
 * "One source counts" (contract.md §4): a point's increase goes into its series only in minutes that its source holds for this holder. A lower
 * rank wins. `holder` is `resource:<digest>` (old and new names of one instrument) or `service:<name>` (different instruments).
 */
export interface SourceClaim {
  readonly holder: string;
  /** The instrument or canonical metric the sources compete for. */
  readonly metricName: string;
  readonly source: string;
  /** The rank of any source of this competition, also of one that only the database remembers; unknown ones come last. */
  readonly rankOf: (source: string) => number;
  /** Where the next stage keeps what it worked out; curation leaves it alone. */
  memo: unknown;
}

/** One series that a point's increase goes into. */
export interface Target {
  readonly entry: CatalogueEntry;
  readonly labels: Labels;
  /** Canonical JSON of `labels` (keys sorted): with the metric's name it is the series' identity. */
  readonly labelsKey: string;
  /** What of the point counts: its own value or distribution, or (histograms read as counters) only its count. */
  readonly field: 'value' | 'count';
  /** Every claim must hold the minute. Empty = no competition. */
  readonly claims: readonly SourceClaim[];
  /** Where the next stage keeps what it worked out; curation leaves it alone. */
  memo: unknown;
}

/** What is counted alike in intake: the points of streams of one service and metric of which the same was dropped and masked. */
export interface Subject {
  readonly service: string;
  /** The metric's name as sent. */
  readonly name: string;
  readonly receipts: readonly Receipt[];
}

/** A stream that passed the contract, which says the same of each of its points. Values stay as sent; `factor` turns them into the canonical unit. */
export interface StreamPlan {
  readonly subject: Subject;
  readonly streamKind: StreamKind;
  /** Whether values below zero are legal (`signed` in the catalogue). */
  readonly isSigned: boolean;
  readonly factor: number;
  /** 128-bit digest (32 hex digits) of resource, scope and metric name as sent: the owner of a family of stream-state blocks. */
  readonly owner: string;
  /** 128-bit digest (32 hex digits) of the whole stream identity (design §5). */
  readonly stream: string;
  readonly targets: readonly Target[];
}

/** A stream's plan, the same object for as long as curation remembers the stream. */
export class CuratedStream implements StreamPlan {
  readonly subject: Subject;
  readonly streamKind: StreamKind;
  readonly isSigned: boolean;
  readonly factor: number;
  readonly owner: string;
  readonly stream: string;
  readonly targets: readonly Target[];
  /** Where the next stage keeps what it worked out; curation leaves it alone. */
  memo: unknown = undefined;

  constructor(plan: StreamPlan) {
    this.subject = plan.subject;
    this.streamKind = plan.streamKind;
    this.isSigned = plan.isSigned;
    this.factor = plan.factor;
    this.owner = plan.owner;
    this.stream = plan.stream;
    this.targets = plan.targets;
  }
}

/** Why points were not kept. `dropped`: by design, not the sender's fault. `rejected`: can never be accepted, goes into partial_success. */
export interface PointRefusal extends Subject {
  readonly outcome: 'dropped' | 'rejected';
  /** A code of contract/src/reasons.ts. */
  readonly reason: string;
}

/** The points of a request after curation. */
export interface CuratedPoints {
  readonly table: PointTable;
  /** The stream of each row; undefined where the row was not kept. */
  readonly streams: readonly (CuratedStream | undefined)[];
  readonly refusals: ReadonlyMap<PointRefusal, number>;
}

/** Counted by rule in intake: labels dropped, values masked, oddities of a record that is kept. */
export interface Receipt {
  readonly outcome: 'dropped' | 'masked' | 'noted';
  /** A code of contract/src/reasons.ts or a redaction rule's name. */
  readonly reason: string;
  /** The label, attribute or metric name it happened to; never a value. */
  readonly name: string;
}

/** `dropped`: by design, not the sender's fault (not in the contract). `rejected`: can never be accepted, goes into partial_success. */
export type Curation<T> =
  | { readonly outcome: 'kept'; readonly value: T; readonly receipts: readonly Receipt[] }
  | {
      readonly outcome: 'dropped' | 'rejected';
      readonly reason: string;
      readonly service: string;
      /** Metric name, for the intake page's list of unknown metrics; '' where none. */
      readonly name: string;
      readonly receipts: readonly Receipt[];
    };

/** A row of `telemetry_log_events`, ready to store. */
export interface CuratedLog {
  /** 128-bit record identity without the ordinal (32 hex digits); the ordinal among equal records of one request is mixed in by the batch. */
  readonly digest: string;
  /** Whole milliseconds since the epoch. */
  readonly tsMs: number;
  readonly level: 'WARN' | 'ERROR';
  readonly service: string;
  readonly domain: string;
  readonly event: string;
  readonly message: string;
  /** 32 and 16 lower-case hex digits, or null. */
  readonly traceId: string | null;
  readonly spanId: string | null;
  /** False only where the flags say "not sampled" beside a trace id. */
  readonly isSampled: boolean;
  /** Allowlisted and redacted (contract.md §2); at most 16. */
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  /** True where the record carried no time of its own: stored with arrival time, at least once. */
  readonly isTimeless: boolean;
}

/** A row of `telemetry_trace_index`, ready to store. */
export interface CuratedSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Of its start; whole milliseconds since the epoch. */
  readonly tsMs: number;
  readonly spanName: string;
  readonly domain: string;
  readonly route: string | null;
  readonly statusCode: string | null;
  readonly isError: boolean;
  readonly durationMs: number;
  readonly service: string;
  readonly isSampled: boolean;
}
