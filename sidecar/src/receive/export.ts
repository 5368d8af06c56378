import type { DecodedRequest } from '../decode/request.ts';

/**
 * What the doors (gRPC, HTTP) call with each decoded request, and what they answer their sender with. The doors know no more of what lies
 * behind them than this.
 */
export interface Exporter {
  /** Resolves only when Postgres has committed the request, or it was refused. Never rejects for an expected reason. */
  export(request: DecodedRequest, bytes: number): Promise<ExportResult>;
  /**
   * Reserves `bytes` (decompressed size) of what may be in flight; false = refuse with a retry hint. The door that reserved them releases them,
   * once, whatever became of the request; `export` never does.
   */
  reserve(bytes: number): boolean;
  release(bytes: number): void;
}

export type ExportResult =
  | {
      readonly outcome: 'stored';
      /** Records rejected for good, for partial_success; 0 = none. */
      readonly rejected: number;
      /** English: what, and how to mend it; '' = none. At most 1 KiB. */
      readonly message: string;
    }
  | {
      readonly outcome: 'refused';
      /** A code of contract/src/reasons.ts; says gRPC code, HTTP status and whether it is retryable. */
      readonly reason: string;
      readonly message: string;
      /** Whole seconds, 1 to 10, where the reason is retryable. */
      readonly retryAfterSeconds?: number;
    };
