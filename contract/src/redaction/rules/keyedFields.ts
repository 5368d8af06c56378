import { holds } from '../content.ts';
import { isForbiddenKey } from '../forbiddenKeys.ts';
import { type MaskedRange, maskRanges, type RedactionRule } from '../rule.ts';

/**
 * `key=`, `key: `, `"key":`, `\"key\": `, `key =>`, `user id=`, `("key", "`, and `key:` with its value on the next line: the key, its closing
 * quote, the sign.
 */
const head =
  /(?<![\p{L}\p{M}\p{N}_.-])((?:\p{L}{1,24} )?[\p{L}_$@-][\p{L}\p{M}\p{N}_.-]{0,63})(?:\[\])?(?:(\\{0,3}["'`])?[ \t]{0,4}(?:=>|:=|==|[:=：→](?!\/\/))[ \t]{0,4}(?:(?:\r?\n|\\{1,3}n)[ \t]{1,16}(?![\w.-]{1,64}["']?[:=]))?|(\\{0,3}["'`])[ \t]{0,4},[ \t]{0,4}(?=\\{0,3}["'`]))/gu;

/** Up to white space, or to a separator behind which something new begins; a separator inside a password is part of it. */
const bareValue = /(?:[^\s,;&|)}\]"'`]|[,;&|)}\]"'`](?!\s|$|["'`,;&|)}\]]|[\w.-]{1,64}["'`]{0,1}[=:]))+/y;

/** First and last names that follow: `user=Ada Lovelace`. */
const furtherNames = /(?: \p{Lu}[\p{L}'-]{1,40}(?![\w=:])){1,3}/uy;

/** Says nothing about anyone. */
const harmlessValue = /^(?:true|false|null|nil|none|undefined|yes|no|n\/a)$/i;

/** Their value is the rest of the line, words and semicolons included. */
const headerKey = /^(?:(?:proxy[-_])?authorization|(?:set[-_])?cookie|user[-_]agent)$/i;

/** Up to the end of the line or of the string around it; what a parameter quotes belongs to the value: `Digest username="…"`. */
const headerValue = /(?:=\\{0,3}"[^\r\n"]{0,512}"|[^\r\n"\\]|\\(?!["rn]))*/y;

/** `token.rs:42` is a place in a file, and `//token-service:8080` one in a network. */
const sourceFile =
  /\.(?:[cm]?[jt]sx?|go|rs|py|rb|java|kts?|cs|php|exs?|erl|c|cc|cpp|hp{0,2}|swift|scala|vue|svelte|sql|jsonl?|ya?ml|toml)$/;
const placeNumber = /^\d{1,6}(?!\w)/;

/** A key in its own right: `InvalidToken: token: "…"`. */
const innerKey = /^[\w.-]{1,64}:$/;

/** In JSON alone: in prose a name is mostly a thing's, and a text this one. */
const forbiddenInJson = /^(?:name|text)$/i;

/** Longest `<…>` that is read as one value. */
const maxTagCharacters = 256;

/** Fields whose key is forbidden lose their value, in logfmt, JSON (also escaped and cut off), headers, query strings and ADO connection strings. */
export const keyedFieldRule: RedactionRule = keyedRule(() => true);

/** `/keys:rotate` names what is done and `{userId:[0-9]+}` what may stand there; a digit in a plain word makes a value of it. */
export const keyedSegmentRule: RedactionRule = keyedRule(
  (field, next) => !field.endsWith(':') || /["'`]\s*:$/.test(field) || /^[\w.~%!$&@=-]{0,64}\d/.test(next),
);

/** `isField` judges what stands up to the value (key, quote, sign and space) and what follows. */
function keyedRule(isField: (field: string, next: string) => boolean): RedactionRule {
  return {
    name: 'forbidden_key',
    needs: [holds.equals, holds.colon, holds.beyondAscii, holds.quote | holds.comma],
    mayMatch: (value) => /[=:：→]|["'`][ \t]{0,4},/.test(value),
    mask(value, replacement, onMask) {
      const ranges: MaskedRange[] = [];
      head.lastIndex = 0;
      for (let match = head.exec(value); match !== null; match = head.exec(value)) {
        const [field, key = '', quote = match[3] ?? ''] = match;
        const start = head.lastIndex;
        const next = value.slice(start, start + 65);
        if (!isForbiddenField(key, quote) || !isField(field, next) || isPlace(value, match.index, field, next))
          continue;
        const end = valueEnd(value, start, key);
        const found = value.slice(start, end);
        if (innerKey.test(found) && isForbiddenKey(found)) continue;
        if (end > start && !harmlessValue.test(found)) {
          ranges.push({ ...insideQuotes(value, start, end), masked: replacement });
        }
        head.lastIndex = Math.max(end, start);
      }
      return maskRanges(value, ranges, onMask);
    },
  };
}

function isPlace(value: string, at: number, field: string, next: string): boolean {
  if (!field.endsWith(':') || !placeNumber.test(next)) return false;
  return sourceFile.test(field.slice(0, -1)) || value.startsWith('//', at - 2);
}

function isForbiddenField(key: string, quote: string): boolean {
  const lastWord = lastWordOf(key);
  if (isForbiddenKey(lastWord) || (quote !== '' && forbiddenInJson.test(lastWord))) return true;
  return key !== lastWord && isForbiddenKey(key);
}

function lastWordOf(key: string): string {
  return key.slice(key.indexOf(' ') + 1);
}

function valueEnd(value: string, start: number, key: string): number {
  const quote = openingQuote(value, start);
  if (quote !== '') return quotedEnd(value, start + quote.length, quote);
  if (headerKey.test(lastWordOf(key))) return headerEnd(value, start);
  const first = value.charAt(start);
  const bracketsEnd =
    first === '[' || first === '{' || first === '(' ? bracketedEnd(value, start) : taggedEnd(value, start);
  bareValue.lastIndex = bracketsEnd;
  const end = bareValue.test(value) ? bareValue.lastIndex : bracketsEnd;
  furtherNames.lastIndex = end;
  return /^\p{Lu}\p{Ll}/u.test(value.slice(start, start + 4)) && furtherNames.test(value)
    ? furtherNames.lastIndex
    : end;
}

function openingQuote(value: string, at: number): string {
  let end = at;
  while (end < at + 3 && value.charAt(end) === '\\') end++;
  return /["'`]/.test(value.charAt(end)) ? value.slice(at, end + 1) : '';
}

/** Behind the same quote, escaped as often; the end of the text where it was cut off. */
function quotedEnd(value: string, from: number, quote: string): number {
  for (let at = value.indexOf(quote, from); at >= 0; at = value.indexOf(quote, at + quote.length)) {
    let backslashes = 0;
    while (value.charAt(at - 1 - backslashes) === '\\' && at - backslashes > from) backslashes++;
    if (quote.startsWith('\\') ? backslashes === 0 : backslashes % 2 === 0) return at + quote.length;
  }
  return value.length;
}

function headerEnd(value: string, from: number): number {
  headerValue.lastIndex = from;
  return headerValue.test(value) ? headerValue.lastIndex : from;
}

/** Behind the bracket that closes the one at `start`; brackets inside quotes do not count. */
function bracketedEnd(value: string, start: number): number {
  let depth = 0;
  for (let at = start; at < value.length; at++) {
    const character = value.charAt(at);
    if (character === '"') at = quotedEnd(value, at + 1, '"') - 1;
    else if (character === '[' || character === '{' || character === '(') depth++;
    else if (character === ']' || character === '}' || character === ')') depth--;
    if (depth === 0) return at + 1;
  }
  return value.length;
}

/** Behind `<User: ada>`, as objects print themselves. */
function taggedEnd(value: string, start: number): number {
  if (value.charAt(start) !== '<') return start;
  const end = value.slice(start, start + maxTagCharacters).search(/[>\r\n]/);
  return end < 0 ? start : start + end + 1;
}

/** Leaves the quotes where they are, so that JSON stays JSON. */
function insideQuotes(value: string, start: number, end: number): { start: number; end: number } {
  const quote = openingQuote(value, start);
  if (quote === '') return { start, end };
  const isClosed = end - quote.length >= start + quote.length && value.endsWith(quote, end);
  return { start: start + quote.length, end: isClosed ? end - quote.length : end };
}
