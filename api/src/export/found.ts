/** A row as a file holds it. */
export type Row = Readonly<Record<string, unknown>>;

/** What an export is of, before the first of its rows is read. */
export interface FoundRows {
  /** There are more, which the file leaves out. */
  readonly isTruncated: boolean;
  /** The rows, read as they are asked for. */
  readonly pages: AsyncIterable<readonly Row[]>;
}
