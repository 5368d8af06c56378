/** Who can do something about it. `nobody`: nothing is wrong. */
export type Actor = 'sender' | 'operator' | 'us' | 'nobody';

/**
 * What the reason does. `refuses`: the whole request or API call is answered with the status. `rejects`: a record goes into partial_success.
 * `drops`: a record or field is left out by design. `notes`: counted, otherwise without effect.
 */
export type Effect = 'refuses' | 'rejects' | 'drops' | 'notes';

/** A row of the answer table. */
export interface Reason {
  /** A few words, for lists and for the title of problem details. */
  readonly title: string;
  readonly effect: Effect;
  readonly actor: Actor;
  /** Whether waiting cures it; only then an answer carries a retry hint. */
  readonly isRetryable: boolean;
  /** gRPC status code; 0 where the request itself is fine. */
  readonly grpcCode: number;
  readonly httpStatus: number;
  /** What it means and what mends it. */
  readonly text: string;
}
