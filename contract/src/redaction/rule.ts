/** What a match becomes. */
export const mark = '[REDACTED]';

/** What a match becomes where an identifier is templated (contract.md §2), as in routes. */
export const template = '{}';

/** One thing that no telemetry table may hold, and how it is found in text. */
export interface RedactionRule {
  /** The receipts' reason and the folder of its cases in tests/redaction/cases. */
  readonly name: string;
  /** A cheap test; a value that fails it holds no match. */
  readonly mayMatch: (value: string) => boolean;
  /** The value with each match masked; `onMask` is called once a match. Linear in the value's length. */
  readonly mask: (value: string, replacement: string, onMask: () => void) => string;
  /** Identifiers show `{}` in place of `[REDACTED]`. */
  readonly isTemplated?: boolean;
}

interface PatternRow {
  readonly name: string;
  /** A substring (or pattern) that every match contains. */
  readonly hint: string | RegExp;
  /**
   * Global. Linear, because either every quantifier is bounded, or the match starts only where no character of its own run stands before it
   * (a lookbehind), so that a run is scanned from its beginning alone.
   */
  readonly pattern: RegExp;
  /** The replacement of a match, or undefined where a closer look (a check digit) says that it is none. Default: all of it is replaced. */
  readonly replace?: (match: RegExpExecArray, replacement: string) => string | undefined;
  readonly isTemplated?: boolean;
}

/** A rule that a regular expression finds. */
export function patternRule(row: PatternRow): RedactionRule {
  const { name, hint, pattern, replace, isTemplated } = row;
  const regex = new RegExp(pattern.source, pattern.flags);
  return {
    name,
    mayMatch: typeof hint === 'string' ? (value) => value.includes(hint) : (value) => hint.test(value),
    ...(isTemplated === undefined ? {} : { isTemplated }),
    mask(value, replacement, onMask) {
      const ranges: MaskedRange[] = [];
      regex.lastIndex = 0;
      for (let match = regex.exec(value); match !== null; match = regex.exec(value)) {
        const masked = replace === undefined ? replacement : replace(match, replacement);
        if (masked === undefined) {
          regex.lastIndex = match.index + 1;
        } else {
          ranges.push({ start: match.index, end: regex.lastIndex, masked });
        }
      }
      return maskRanges(value, ranges, onMask);
    },
  };
}

export interface MaskedRange {
  readonly start: number;
  readonly end: number;
  readonly masked: string;
}

/** The value with ascending, disjoint ranges replaced; `onMask` is called once a range that changes something. */
export function maskRanges(value: string, ranges: readonly MaskedRange[], onMask: () => void): string {
  let result = '';
  let from = 0;
  for (const range of ranges) {
    if (value.slice(range.start, range.end) === range.masked) continue;
    result += value.slice(from, range.start) + range.masked;
    from = range.end;
    onMask();
  }
  return from === 0 ? value : result + value.slice(from);
}
