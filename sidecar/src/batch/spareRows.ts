/** Numbers kept: 8 MiB, what the largest usual batch changes. */
const MAX_SPARE_NUMBERS = 1_048_576;

/**
 * Arrays that the rows of a block were in before a batch changed a copy of them, for the copies of the next batch. One for each block in
 * memory would hold all state twice, where a batch changes a part of it.
 */
export class SpareRows {
  readonly #byLength = new Map<number, Float64Array[]>();
  #numbers = 0;

  /** One of exactly this length, with whatever is in it. */
  take(length: number): Float64Array | undefined {
    const rows = this.#byLength.get(length)?.pop();
    if (rows !== undefined) this.#numbers -= length;
    return rows;
  }

  /** Nobody else may hold it. */
  give(rows: Float64Array): void {
    if (rows.length === 0) return;
    // Full of lengths that are no longer asked for, as blocks have while they grow.
    if (this.#numbers + rows.length > MAX_SPARE_NUMBERS) {
      this.#byLength.clear();
      this.#numbers = 0;
    }
    this.#numbers += rows.length;
    const others = this.#byLength.get(rows.length);
    if (others === undefined) this.#byLength.set(rows.length, [rows]);
    else others.push(rows);
  }
}
