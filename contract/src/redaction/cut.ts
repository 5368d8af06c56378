const encoder = new TextEncoder();
/** Breaks at which a word ends, also in texts that hold no white space (compact JSON, query strings). */
const wordEnd = /[\s,;&|"'})>]/;

/** Makes a string storable: Postgres takes no U+0000 and UTF-8 no lone surrogate; both become U+FFFD. */
export function storable(value: string): string {
  const wellFormed = value.isWellFormed() ? value : value.toWellFormed();
  return wellFormed.includes('\u0000') ? wellFormed.replaceAll('\u0000', '\uFFFD') : wellFormed;
}

/**
 * Cuts a well-formed string to at most `maxBytes` of UTF-8, after the last whole word that fits, so that no half of a secret is left for the
 * patterns to miss. Where one word fills half of the space or more, it is cut as it stands.
 */
export function cutAtWord(value: string, maxBytes: number): string {
  // A UTF-16 unit takes at most three bytes.
  if (value.length * 3 <= maxBytes) return value;
  const fits = encoder.encodeInto(value, new Uint8Array(maxBytes)).read;
  if (fits === value.length) return value;
  for (let end = fits; end > fits / 2; end--) {
    if (wordEnd.test(value.charAt(end))) return value.slice(0, end);
  }
  return value.slice(0, fits);
}

/** Cuts a well-formed string to at most `maxCharacters` UTF-16 units without splitting a surrogate pair. */
export function cutAtCharacter(value: string, maxCharacters: number): string {
  if (value.length <= maxCharacters) return value;
  const cut = value.slice(0, maxCharacters);
  return cut.isWellFormed() ? cut : cut.slice(0, -1);
}
