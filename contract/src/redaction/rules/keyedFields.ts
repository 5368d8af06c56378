import { isForbiddenKey } from '../forbiddenKeys.ts';
import { type MaskedRange, maskRanges, type RedactionRule } from '../rule.ts';

/** `key=`, `key: `, `"key":`, `\"key\": `, `key =>`, `user id=`: the key, its closing quote, the sign. */
const head =
  /(?<![\w.-])((?:[A-Za-z]{1,24} )?[A-Za-z_$@-][\w.-]{0,63})(?:\[\])?(\\{0,3}["'`])?[ \t]{0,4}(?:=>|:=|==|[:=](?!\/\/))[ \t]{0,4}/g;

/** Up to white space, or to a separator behind which something new begins; a separator inside a password is part of it. */
const bareValue = /(?:[^\s,;&|)}\]"'`]|[,;&|)}\]"'`](?!\s|$|["'`,;&|)}\]]|[\w.-]{1,64}["'`]{0,1}[=:]))+/y;

/** First and last names that follow: `user=Ada Lovelace`. */
const furtherNames = /(?: \p{Lu}[\p{L}'-]{1,40}(?![\w=:])){1,3}/uy;

/** Says nothing about anyone. */
const harmlessValue = /^(?:true|false|null|nil|none|undefined|yes|no|n\/a)$/i;

/** Their value is the rest of the line, words and semicolons included. */
const headerKey = /^(?:(?:proxy[-_])?authorization|(?:set[-_])?cookie)$/i;

/** In JSON alone: in prose a name is mostly a thing's. */
const forbiddenInJson = /^name$/i;

/** Fields whose key is forbidden lose their value, in logfmt, JSON (also escaped and cut off), headers, query strings and ADO connection strings. */
export const keyedFieldRule: RedactionRule = keyedRule(() => true);

export const keyedSegmentRule: RedactionRule = keyedRule((field) => !field.endsWith(':') || /["'`]\s*:$/.test(field));

/** `isField` judges what stands up to the value: key, quote, sign and space. */
function keyedRule(isField: (field: string) => boolean): RedactionRule {
  return {
    name: 'forbidden_key',
    mayMatch: (value) => value.includes('=') || value.includes(':'),
    mask(value, replacement, onMask) {
      const ranges: MaskedRange[] = [];
      head.lastIndex = 0;
      for (let match = head.exec(value); match !== null; match = head.exec(value)) {
        const [field, key = '', quote = ''] = match;
        if (!isField(field) || !isForbiddenField(key, quote)) continue;
        const start = head.lastIndex;
        const end = valueEnd(value, start, key);
        if (end > start && !harmlessValue.test(value.slice(start, end))) {
          ranges.push({ ...insideQuotes(value, start, end), masked: replacement });
        }
        head.lastIndex = Math.max(end, start);
      }
      return maskRanges(value, ranges, onMask);
    },
  };
}

function isForbiddenField(key: string, quote: string): boolean {
  const space = key.indexOf(' ');
  const lastWord = space < 0 ? key : key.slice(space + 1);
  if (isForbiddenKey(lastWord) || (quote !== '' && forbiddenInJson.test(lastWord))) return true;
  return space >= 0 && isForbiddenKey(key);
}

function valueEnd(value: string, start: number, key: string): number {
  const quote = openingQuote(value, start);
  if (quote !== '') return quotedEnd(value, start + quote.length, quote);
  if (headerKey.test(key)) return lineEnd(value, start);
  const first = value.charAt(start);
  const bracketsEnd = first === '[' || first === '{' || first === '(' ? bracketedEnd(value, start) : start;
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

function lineEnd(value: string, from: number): number {
  const at = value.slice(from).search(/\\?[\r\n"]/);
  return at < 0 ? value.length : from + at;
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

/** Leaves the quotes where they are, so that JSON stays JSON. */
function insideQuotes(value: string, start: number, end: number): { start: number; end: number } {
  const quote = openingQuote(value, start);
  if (quote === '') return { start, end };
  const isClosed = end - quote.length >= start + quote.length && value.endsWith(quote, end);
  return { start: start + quote.length, end: isClosed ? end - quote.length : end };
}
