/** What a probe says, in words that hold no address, user or secret: they are stored and shown (contract.md §6). */
export interface ProbeResult {
  readonly isAnswering: boolean;
  readonly words: string;
}

/**
 * One request to a service, over a connection of its own that ends with it. When `signal` is aborted the connection is destroyed, whatever the
 * target does. May throw what its library throws: the round has words for that (words.ts).
 */
export type Probe = (signal: AbortSignal) => Promise<ProbeResult>;

/** The service answers. */
export function answers(words: string): ProbeResult {
  return { isAnswering: true, words };
}

/** The service does not answer, or not as it should. */
export function fails(words: string): ProbeResult {
  return { isAnswering: false, words };
}
