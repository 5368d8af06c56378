import { contentOf, holds, meets } from '../content.ts';
import { type MaskedRange, maskRanges, type RedactionRule } from '../rule.ts';

/** What is scanned is consumed, so the search is linear. */
const words = /[^\s"'`<>&,;()[\]{}?=]{3,}/g;
const encodedByte = /%[0-9A-Fa-f]{2}/;
const base64Words = /(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{16,}={0,2}/g;
const base64Run = /[A-Za-z0-9+/_-]{16}/;

/** Senders encode what is encoded already, seldom more than twice. */
const maxDecodings = 3;

/**
 * What hides from `rules` behind percent-encoding (RFC 3986 §2.1) or base64 (RFC 4648 §4, §5; bodies of bytes are written so): a word that one
 * of them would mask once decoded goes as a whole.
 */
export function encodedRule(rules: readonly RedactionRule[]): RedactionRule {
  const isForbidden = (decoded: string): boolean => {
    const content = contentOf(decoded);
    return rules.some(
      (rule) =>
        meets(content, rule.needs) && rule.mayMatch(decoded) && rule.mask(decoded, '', () => undefined) !== decoded,
    );
  };
  const inPercent = (value: string): Span[] =>
    encodedByte.test(value) ? forbiddenWords(value, words, fromPercent, isForbidden) : [];
  // Not the other way round too: how deep senders nest must not decide how long this takes.
  const inBase64 = (value: string): Span[] =>
    forbiddenWords(value, base64Words, fromBase64, (decoded) => isForbidden(decoded) || inPercent(decoded).length > 0);
  return {
    name: 'encoded',
    needs: [holds.percent, holds.run16],
    mayMatch: (value) => encodedByte.test(value) || base64Run.test(value),
    mask(value, masked, onMask) {
      const masking = (text: string, spans: readonly Span[]): string =>
        maskRanges(
          text,
          spans.map((span) => ({ ...span, masked })),
          onMask,
        );
      const plain = masking(value, inPercent(value));
      return masking(plain, inBase64(plain));
    },
  };
}

type Span = Pick<MaskedRange, 'start' | 'end'>;

function forbiddenWords(
  value: string,
  pattern: RegExp,
  decode: (word: string) => string | undefined,
  isForbidden: (decoded: string) => boolean,
): Span[] {
  return [...value.matchAll(pattern)].flatMap(({ index, 0: word }) => {
    const decoded = decode(word);
    return decoded === undefined || !isForbidden(decoded) ? [] : [{ start: index, end: index + word.length }];
  });
}

function fromPercent(word: string): string | undefined {
  if (!encodedByte.test(word)) return undefined;
  let decoded = word;
  for (let count = 0; count < maxDecodings && decoded.includes('%'); count++) {
    try {
      const once = decodeURIComponent(decoded);
      if (once === decoded) break;
      decoded = once;
    } catch {
      break;
    }
  }
  return decoded === word ? undefined : decoded;
}

const utf8 = new TextDecoder();
/** Text holds white space and no other control character. */
const control = /[^\P{Cc}\s]/u;

/** The text that a word is the base64 of; undefined where it is of none, as of nearly every word that happens to look like base64. */
function fromBase64(word: string): string | undefined {
  if (!/[a-z]/.test(word) || !/[A-Z]/.test(word)) return undefined;
  const digits = word.replaceAll('-', '+').replaceAll('_', '/').replaceAll('=', '');
  // Four digits are three bytes; one digit past a group is none, where the word was cut off.
  const bytes = atob(digits.length % 4 === 1 ? digits.slice(0, -1) : digits);
  if (!/[\u0080-\u00ff]/.test(bytes)) return control.test(bytes) ? undefined : bytes;
  const text = utf8.decode(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0)));
  return text.slice(0, -1).includes('\uFFFD') || control.test(text) ? undefined : text;
}
