import { holds } from '../content.ts';
import { type MaskedRange, mark, maskRanges, patternRule, type RedactionRule } from '../rule.ts';

/** A whole address, to the end of its word: what is scanned is also consumed, so the search is linear. */
const address = /(?<![a-z0-9+.-])[a-z][a-z0-9+.-]{1,30}:\/\/[^\s"'<>`\\]+/gi;

/** URLs: the credentials and the query go, scheme, host and path stay. */
export const urlRules: readonly RedactionRule[] = [
  {
    name: 'connection_string',
    needs: [holds.at],
    mayMatch: (value) => value.includes('@'),
    mask: (value, _replacement, onMask) => {
      const withoutUrls = maskInAddresses(value, onMask, credentialsOf);
      return maskUserinfo.mask(withoutUrls, mark, onMask);
    },
  },
  {
    name: 'url_query',
    needs: [holds.question, holds.hash],
    mayMatch: (value) => value.includes('?') || value.includes('#'),
    mask: (value, _replacement, onMask) => {
      const withoutQueries = maskInAddresses(value, onMask, queryOf);
      return maskPathQuery.mask(withoutQueries, mark, onMask);
    },
  },
];

/** `user:password@host` without a scheme, as Go's and PHP's drivers write it. */
const maskUserinfo = patternRule({
  name: 'connection_string',
  hint: '@',
  pattern:
    /(?:(?<=\bjdbc:oracle:\w{1,8}:)[^\s@/]{1,64}\/[^\s@]{1,128}@|(?<![\w.%+/:@-])(?!mailto:)[\w.%+-]{1,64}:[^\s@/:"'[\]]{1,128}@(?=[\w.[(-]))/g,
  replace: (_match, replacement) => `${replacement}@`,
});

/** The query of a request target: `/search?q=…`. */
const maskPathQuery = patternRule({
  name: 'url_query',
  hint: '?',
  pattern: /\?(?<=\/[\w.~%{}:-]{0,128}\?)(?=[^\s=?]{1,128}=)[^\s"'<>`\\]+/g,
  replace: (_match, replacement) => `?${replacement}`,
});

function maskInAddresses(
  value: string,
  onMask: () => void,
  rangeOf: (address: string) => MaskedRange | undefined,
): string {
  const ranges: MaskedRange[] = [];
  for (const match of value.matchAll(address)) {
    const range = rangeOf(match[0]);
    if (range !== undefined) {
      ranges.push({ start: match.index + range.start, end: match.index + range.end, masked: range.masked });
    }
  }
  return maskRanges(value, ranges, onMask);
}

/** Passwords hold `@`, `/` and `?` in the wild, so everything up to the last `@` counts, unless a plain host stands before the path. */
function credentialsOf(url: string): MaskedRange | undefined {
  const start = url.indexOf('://') + 3;
  const end = url.lastIndexOf('@');
  if (end < start) return undefined;
  const slash = url.indexOf('/', start);
  const hasPlainHost = slash >= 0 && slash < end && !/[@:]/.test(url.slice(start, slash).replace(/:\d{1,5}$/, ''));
  return hasPlainHost ? undefined : { start, end, masked: mark };
}

function queryOf(url: string): MaskedRange | undefined {
  const start = url.search(/[?#]/);
  if (start < 0 || start === url.length - 1) return undefined;
  return { start: start + 1, end: url.length, masked: mark };
}
