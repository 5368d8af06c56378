/** Bounds of redaction; each has its unit in its name and its reason beside it. */

/** Longest text that is looked at: twice what any sane message holds, and what keeps the cost of one record flat (contract.md §2). */
export const textInputBytes = 8 * 1024;

/** Longest text that is stored (contract.md §2). */
export const textOutputBytes = 2 * 1024;

/** Longest identifier that is looked at; beyond it nothing could reach the 120 characters that are kept. */
export const identifierInputBytes = 1024;

/** Longest identifier that is stored (contract.md §2). */
export const identifierCharacters = 120;

/** Longest key whose name is judged; the rest of a longer one cannot make it less forbidden. */
export const keyCharacters = 256;

/** Passes until masking settles; a cut can only shorten what the pass before it left, so two suffice for all known input. */
export const maskingPasses = 4;

/** Kinds of texts, by what characters they hold, whose rules are remembered; an application's texts are of some dozens. */
export const rememberedContents = 1_024;
