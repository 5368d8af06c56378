/** Something that a rule of the house does not allow. */
export interface Finding {
  /** Path from the root of the repository, with a line where there is one: `api/src/app.ts:12`. */
  readonly where: string;
  readonly what: string;
}
