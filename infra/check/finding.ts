/** Something that a rule of the house does not allow. */
export interface Finding {
  /** Path from the root of the repository, with a line where there is one: `api/src/app.ts:12`. */
  readonly where: string;
  readonly what: string;
}

/** A rule of the house and what breaks it now. */
export interface Rule {
  readonly name: string;
  readonly find: () => readonly Finding[];
  /** What mends it. */
  readonly remedy: string;
}
