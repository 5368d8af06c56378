/**
 * What a text holds, a bit each, found in one pass over its characters. Rules say what each of their matches holds (`needs`), so that an
 * ordinary message meets few of their patterns.
 */
export const holds = {
  at: 1 << 0,
  bang: 1 << 1,
  colon: 1 << 2,
  equals: 1 << 3,
  dash: 1 << 4,
  dot: 1 << 5,
  slash: 1 << 6,
  backslash: 1 << 7,
  newline: 1 << 8,
  /** `"`, `'` or a backtick. */
  quote: 1 << 9,
  openingParenthesis: 1 << 10,
  dollar: 1 << 11,
  question: 1 << 12,
  hash: 1 << 13,
  less: 1 << 14,
  percent: 1 << 15,
  underscore: 1 << 16,
  semicolon: 1 << 17,
  comma: 1 << 18,
  /** In either case. */
  letterB: 1 << 19,
  letterV: 1 << 20,
  digit: 1 << 21,
  /** So many digits in all of the text. */
  digits4: 1 << 22,
  digits8: 1 << 23,
  digits13: 1 << 24,
  /** A digit right behind an ASCII letter. */
  letterDigit: 1 << 25,
  /** Sixteen in a row of ASCII letters, digits, `+`, `/`, `_` and `-`. */
  run16: 1 << 26,
  beyondAscii: 1 << 27,
} as const;

/** A character's own bits, beside those of `holds`. */
const letter = 1 << 28;
const inRun = 1 << 29;

const ASCII = 128;
const RUN = 16;

const bits = new Int32Array(ASCII);
const add = (characters: string, bit: number): void => {
  for (const character of characters) {
    const code = character.charCodeAt(0);
    bits[code] = (bits[code] ?? 0) | bit;
  }
};
const upperCase = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const digits = '0123456789';
add(upperCase + upperCase.toLowerCase(), letter);
add(digits, holds.digit);
add(`${upperCase}${upperCase.toLowerCase()}${digits}+/_-`, inRun);
add('bB', holds.letterB);
add('vV', holds.letterV);
add('"\'`', holds.quote);
add('@', holds.at);
add('!', holds.bang);
add(':', holds.colon);
add('=', holds.equals);
add('-', holds.dash);
add('.', holds.dot);
add('/', holds.slash);
add('\\', holds.backslash);
add('\n', holds.newline);
add('(', holds.openingParenthesis);
add('$', holds.dollar);
add('?', holds.question);
add('#', holds.hash);
add('<', holds.less);
add('%', holds.percent);
add('_', holds.underscore);
add(';', holds.semicolon);
add(',', holds.comma);

export function contentOf(value: string): number {
  let content = 0;
  let before = 0;
  let run = 0;
  let count = 0;
  for (let at = 0; at < value.length; at++) {
    const code = value.charCodeAt(at);
    const own = code < ASCII ? (bits[code] ?? 0) : holds.beyondAscii;
    content |= own;
    if ((own & inRun) === 0) run = 0;
    else if (++run === RUN) content |= holds.run16;
    if ((own & holds.digit) !== 0) {
      count++;
      if ((before & letter) !== 0) content |= holds.letterDigit;
    }
    before = own;
  }
  if (count >= 4) content |= holds.digits4;
  if (count >= 8) content |= holds.digits8;
  if (count >= 13) content |= holds.digits13;
  return content & ~(letter | inRun);
}

/** Whether a text of this content holds all of one of `needs`; undefined needs nothing. */
export function meets(content: number, needs: readonly number[] | undefined): boolean {
  if (needs === undefined) return true;
  for (const need of needs) if ((content & need) === need) return true;
  return false;
}
