/** Characters that draw nothing and change how others are drawn or ordered: controls, bidirectional marks and overrides, breaks, widths of nothing. */
const hidden = /[\p{Cc}\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/gu;

/**
 * A text from outside as what it holds: what would hide or turn the rest stands as its code point, `[U+202E]`. Tabs and line feeds stay.
 * Source: Unicode technical report 36, "Bidirectional text spoofing".
 */
export function visible(text: string): string {
  return text.replace(hidden, (one) =>
    one === '\t' || one === '\n' ? one : `[U+${one.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}]`,
  );
}

/** Characters of a message in a row; all of it stands in the detail. */
const longestRow = 200;

/** A text for one line: its beginning, visible, never with half a character at its end. */
export function oneLine(text: string): string {
  if (text.length <= longestRow) return visible(text);
  const end = /[\ud800-\udbff]/.test(text.charAt(longestRow - 1)) ? longestRow - 1 : longestRow;
  return `${visible(text.slice(0, end))}…`;
}
