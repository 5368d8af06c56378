import { holds } from '../content.ts';
import { type MaskedRange, maskRanges, patternRule, type RedactionRule } from '../rule.ts';

/** From the statement's head to its semicolon; literals may hold semicolons of their own. */
const body = `(?:[^;'"]|'[^']*(?:'|$)|"[^"]*(?:"|$))*`;

/** Heads in which one word of capitals is enough. */
const capitals =
  /\b(?:INSERT\s{1,8}INTO|DELETE\s{1,8}FROM|MERGE\s{1,8}INTO|REPLACE\s{1,8}INTO|UPDATE\s{1,8}\S{1,128}\s{1,8}SET|(?:CREATE|ALTER|DROP|TRUNCATE)\s{1,8}(?:TABLE|INDEX|VIEW|ROLE|USER|DATABASE|SCHEMA|UNIQUE|TEMP|FUNCTION|OR\s)|WITH\s{1,8}\w{1,64}\s{1,8}AS\s{0,8}\(|WHERE\s{1,8}[\w."`]{1,128}\s{0,8}(?:[=<>!]|LIKE\b|IN\b|IS\b|BETWEEN\b)|VALUES\s{0,8}\(|(?:GRANT|REVOKE)\s{1,8}\S{1,64}\s{1,8}ON\b)/;

/** Heads in any case: more of the grammar must be there, for "update your profile" and "select a room from the list" are prose. */
const anyCase =
  /\b(?:select\s{1,8}(?:(?:distinct|all)\s{1,8})?(?:\*|count\s{0,4}\(|(?:[\w."`]{1,128}\s{0,8}(?:,|\(|from\s{1,8}[\w."`]{1,128}\s{0,8}(?:where|join|order|limit|group|;|$)|as\s{1,8}\w)))|insert\s{1,8}into\s{1,8}\S{1,128}\s{0,8}(?:\(|values\b|select\b)|update\s{1,8}\S{1,128}\s{1,8}set\s{1,8}[\w."`]{1,128}\s{0,8}=|delete\s{1,8}from\s{1,8}\S{1,128}\s{1,8}(?:where|using)\b)/i;

/** Statement text, and what the server quotes of rows in its errors. */
export const statementRules: readonly RedactionRule[] = [
  patternRule({
    name: 'sql',
    hint: /\b(?:insert|delete|merge|replace|update|create|alter|drop|truncate|with|where|values|grant|revoke|select)\b/i,
    pattern: new RegExp(`(?:${capitals.source}|${caseless(anyCase.source)})${body}`, 'g'),
  }),
  {
    name: 'sql_select',
    mayMatch: (value) => value.includes('SELECT') && value.includes('FROM'),
    mask: maskSelects,
  },
  patternRule({
    name: 'sql_detail',
    needs: [holds.openingParenthesis, holds.dollar, holds.quote],
    hint: /[($"]/,
    // PostgreSQL's DETAIL and CONTEXT lines.
    pattern:
      /(?:\((?<=Key \([^()]{1,256}\)=\()(?:[^()]|\([^()]{0,256}\))+\)?|\((?<=[Ff]ailing row contains \()[^\n]*|\$1 = (?<=parameters: \$1 = )[^\n]*|"(?<=column \w{1,63}: \\{0,3}")[^"\n]*"?)/g,
    replace: (_match, replacement) => replacement,
  }),
];

/** `(?i:…)` is not in every runtime yet: spells each letter in both cases. */
function caseless(source: string): string {
  return source.replace(/\\.|[a-z]/g, (part) => (part.length > 1 ? part : `[${part}${part.toUpperCase()}]`));
}

/** SELECT in capitals with a FROM anywhere behind it; the last FROM is looked up once, so that many SELECTs cost no more. */
function maskSelects(value: string, replacement: string, onMask: () => void): string {
  const select = /\bSELECT\s/g;
  const statement = new RegExp(body, 'y');
  const lastFrom = [...value.matchAll(/\sFROM\s/g)].at(-1)?.index ?? -1;
  const ranges: MaskedRange[] = [];
  for (let match = select.exec(value); match !== null && match.index < lastFrom; match = select.exec(value)) {
    statement.lastIndex = match.index;
    statement.test(value);
    ranges.push({ start: match.index, end: statement.lastIndex, masked: replacement });
    select.lastIndex = statement.lastIndex;
  }
  return maskRanges(value, ranges, onMask);
}
