/** SQLSTATE of a statement that was ended by its timeout. */
const QUERY_CANCELED = '57014';

/**
 * How much a transaction takes on at once: half as much after one that ran out of time, and back to all in steps. A database that is slow for an hour would
 * never get past a piece that is too large for it.
 */
export interface Pace {
  /** Items. */
  readonly size: number;
  /** Runs a piece of at most `size`; undefined = it took too long, the next is half as large. @throws where the least was too much, and any other error */
  run<T>(piece: (size: number) => Promise<T>): Promise<T | undefined>;
}

export function createPace(most: number, least: number): Pace {
  let size = most;
  return {
    get size() {
      return size;
    },
    run: async (piece) => {
      try {
        const result = await piece(size);
        size = Math.min(most, Math.ceil(size * 1.25));
        return result;
      } catch (error) {
        const isTooLong = error instanceof Error && 'code' in error && error.code === QUERY_CANCELED;
        if (!isTooLong || size <= least) throw error;
        size = Math.max(least, Math.floor(size / 2));
        return undefined;
      }
    },
  };
}
