/** What a match becomes. */
export const mark = '[REDACTED]';

/** What a match becomes where an identifier is templated (contract.md §2), as in routes. */
export const template = '{}';

/** One thing that no telemetry table may hold, and how it is found in text. */
export interface RedactionRule {
  /** The receipts' reason and the folder of its cases in tests/redaction/cases. */
  readonly name: string;
  /** What every match holds, one of these (`holds` of content.ts), before anything else is tried; undefined = nothing that can be told so cheaply. */
  readonly needs?: readonly number[] | undefined;
  /** A cheap test; a value that fails it holds no match. */
  readonly mayMatch: (value: string) => boolean;
  /** The value with each match masked; `onMask` is called once a match. Linear in the value's length. */
  readonly mask: (value: string, replacement: string, onMask: () => void) => string;
  /** Identifiers show `{}` in place of `[REDACTED]`. */
  readonly isTemplated?: boolean;
}

interface PatternRow {
  readonly name: string;
  readonly needs?: readonly number[];
  /** A substring (or patterns) that every match contains, or the text around it. */
  readonly hint: string | RegExp | readonly RegExp[];
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
  const { name, needs, hint, pattern, replace, isTemplated } = row;
  const regex = new RegExp(pattern.source, pattern.flags);
  return {
    name,
    needs,
    mayMatch: hinted(hint),
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

function hinted(hint: PatternRow['hint']): RedactionRule['mayMatch'] {
  if (typeof hint === 'string') return (value) => value.includes(hint);
  if (hint instanceof RegExp) return (value) => hint.test(value);
  return (value) => hint.every((each) => each.test(value));
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
