import { type MaskedRange, maskRanges, type RedactionRule } from '../rule.ts';

/** What is scanned is consumed, so the search is linear. */
const words = /[^\s"'`<>&,;()[\]{}?=]{3,}/g;
const encodedByte = /%[0-9A-Fa-f]{2}/;

/** Senders encode what is encoded already, seldom more than twice. */
const maxDecodings = 3;

/** What hides behind percent-encoding (RFC 3986 §2.1) from `rules`: a word that one of them would mask once decoded goes as a whole. */
export function encodedRule(rules: readonly RedactionRule[]): RedactionRule {
  const isForbidden = (decoded: string): boolean =>
    rules.some((rule) => rule.mayMatch(decoded) && rule.mask(decoded, '', () => undefined) !== decoded);
  return {
    name: 'encoded',
    mayMatch: (value) => encodedByte.test(value),
    mask(value, replacement, onMask) {
      const ranges: MaskedRange[] = [];
      for (const match of value.matchAll(words)) {
        const [word] = match;
        if (!encodedByte.test(word)) continue;
        const decoded = decodedWord(word);
        if (decoded !== word && isForbidden(decoded)) {
          ranges.push({ start: match.index, end: match.index + word.length, masked: replacement });
        }
      }
      return maskRanges(value, ranges, onMask);
    },
  };
}

function decodedWord(word: string): string {
  let decoded = word;
  for (let count = 0; count < maxDecodings && decoded.includes('%'); count++) {
    try {
      const once = decodeURIComponent(decoded);
      if (once === decoded) return decoded;
      decoded = once;
    } catch {
      return decoded;
    }
  }
  return decoded;
}
