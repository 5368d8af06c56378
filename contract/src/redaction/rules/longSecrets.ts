import { holds } from '../content.ts';
import { patternRule, type RedactionRule } from '../rule.ts';

/** Keys and tokens of no known form: long runs that no human wrote. Last of all, so that a rule that knows better is the one counted. */
export const longSecretRules: readonly RedactionRule[] = [
  patternRule({
    name: 'hex_secret',
    needs: [holds.run16 | holds.digit],
    hint: /[0-9A-Fa-f]{16}/,
    pattern: /(?<![A-Za-z0-9])(?:0x)?[0-9A-Fa-f]{16,}(?![A-Za-z0-9])/g,
    replace: ([match], replacement) => (/\d/.test(match) && /[A-Fa-f]/.test(match) ? replacement : undefined),
  }),
  patternRule({
    name: 'base64_secret',
    needs: [holds.run16, holds.semicolon | holds.comma],
    hint: /;base64,|(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{32}/,
    // What a data: URI holds is somebody's content, random or not.
    pattern: /(?<![A-Za-z0-9+/_-])(?:[A-Za-z0-9+/_-]{32,}|(?<=;base64,)[A-Za-z0-9+/_-]{1,31})={0,2}/g,
    replace: (match, replacement) =>
      match.input.endsWith(';base64,', match.index) || looksRandom(match[0]) ? replacement : undefined,
  }),
];

/** Names, paths and pods are made of short pieces; a key has at least one this long. */
const randomPieceCharacters = 16;

/** Share of neighbours that change between letters and digits or from lower to upper: random base64 0.45, base32 0.3, names and CamelCase below 0.2. */
const randomShare = 0.25;

function looksRandom(run: string): boolean {
  return run.split(/[-_/]/).some((piece) => piece.length >= randomPieceCharacters && isRandomPiece(piece));
}

function isRandomPiece(piece: string): boolean {
  if (!/\d.*\d/.test(piece)) return false;
  const changes = piece.match(/[A-Za-z](?=\d)|\d(?=[A-Za-z])|[a-z](?=[A-Z])/g)?.length ?? 0;
  return changes / (piece.length - 1) >= randomShare;
}
