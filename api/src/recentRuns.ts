/** An answer that several requests get. */
export interface Answer {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  /** As bytes, which Node's server writes as they are: an ArrayBuffer would become a stream. */
  readonly body: Uint8Array<ArrayBuffer>;
  /** The request's validated parameters, for the audit row of each. */
  readonly filters: Readonly<Record<string, unknown>>;
}

/** A question that is being answered, or was. */
export interface Run {
  /** Of what was there when it began; undefined where nobody asked. */
  readonly version: string | undefined;
  readonly answer: Promise<Answer>;
}

/** Held by whoever answers. */
export interface OpenRun {
  /** Whoever waits gets `answer`; whoever comes later, too, where it is held. */
  end(answer: Answer, isHeld: boolean): void;
  /** Whoever waits fails likewise. */
  fail(error: unknown): void;
}

export interface RecentRuns {
  /** The run for `key` that began last, unless it began `heldMs` ago or earlier. */
  find(key: string): Run | undefined;
  /** A run that takes the place of any before it. */
  begin(key: string, version: string | undefined): OpenRun;
}

interface Entry extends Run {
  readonly beganAt: number;
  /** The answer, once it is there. */
  answered: Answer | undefined;
}

/** Bytes of what stands around an answer, about. */
const entryBytes = 1_024;

/**
 * The runs of the last `heldMs` milliseconds, and those that have not ended. Answers of at most `heldBytes` together are kept, the newest; what is too old
 * goes when the next one comes. `now`: milliseconds, never backwards.
 */
export function recentRuns(heldMs: number, heldBytes: number, now: () => number): RecentRuns {
  // In the order in which they began.
  const entries = new Map<string, Entry>();
  let bytes = 0;
  const forget = (key: string, entry: Entry): void => {
    if (entries.get(key) !== entry) return;
    entries.delete(key);
    if (entry.answered !== undefined) bytes -= sizeOf(key, entry.answered);
  };
  const isRecent = ({ beganAt }: Entry): boolean => now() - beganAt < heldMs;
  const tidy = (): void => {
    for (const [key, entry] of entries) {
      if (isRecent(entry) && bytes <= heldBytes) break;
      if (entry.answered !== undefined) forget(key, entry);
    }
  };
  return {
    find(key) {
      const entry = entries.get(key);
      return entry !== undefined && isRecent(entry) ? entry : undefined;
    },
    begin(key, version) {
      const { promise, resolve, reject } = Promise.withResolvers<Answer>();
      // Without others nobody looks at it.
      promise.catch(() => undefined);
      const before = entries.get(key);
      if (before !== undefined) forget(key, before);
      const entry: Entry = { version, beganAt: now(), answer: promise, answered: undefined };
      entries.set(key, entry);
      return {
        end(answer, isHeld) {
          resolve(answer);
          if (!isHeld || sizeOf(key, answer) > heldBytes) forget(key, entry);
          if (entries.get(key) !== entry) return;
          entry.answered = answer;
          bytes += sizeOf(key, answer);
          tidy();
        },
        fail(error) {
          reject(error);
          forget(key, entry);
        },
      };
    },
  };
}

function sizeOf(key: string, { body }: Answer): number {
  return body.byteLength + 2 * key.length + entryBytes;
}
