import { cutAtCharacter, cutAtWord, storable } from './cut.ts';
import {
  identifierCharacters,
  identifierInputBytes,
  maskingPasses,
  textInputBytes,
  textOutputBytes,
} from './limits.ts';
import { mark, template } from './rule.ts';
import { RuleBook } from './ruleBook.ts';
import { identifierRules, redactionRules } from './rules.ts';

export { isForbiddenKey } from './forbiddenKeys.ts';

export interface Redacted {
  readonly value: string;
  /** The rule behind each mask, once a mask; empty = nothing was found. */
  readonly rules: readonly string[];
}

const textBook = new RuleBook(redactionRules);
const identifierBook = new RuleBook(identifierRules);

/**
 * Makes an identifier (service, event, error.type, span name, operation, label value) storable: e-mail, UUIDs and segments between `/`, `:`
 * and white space that are wholly a number of >= 5 digits or hex of >= 8 characters become `{}`, other forbidden content `[REDACTED]`.
 * At most 120 characters. Source: contract.md §2.
 */
export function identifier(value: string): Redacted {
  const fired: string[] = [];
  const input = cutAtWord(storable(value.slice(0, identifierInputBytes + 1)), identifierInputBytes);
  const settled = settle(input, (pass) => {
    const masked = maskAll(templateSegments(pass, fired), identifierBook, template, fired);
    return withoutTornMark(masked, cutAtCharacter(masked, identifierCharacters));
  });
  return { value: settled, rules: fired };
}

/** Makes prose (a message) storable: cut to 8 KB at a word, forbidden content becomes `[REDACTED]`, cut to 2 KB. Source: contract.md §2. */
export function text(value: string): Redacted {
  const fired: string[] = [];
  const input = cutAtWord(storable(value.slice(0, textInputBytes + 1)), textInputBytes);
  const settled = settle(input, (pass) =>
    withoutTornMark(pass, cutAtWord(maskAll(pass, textBook, mark, fired), textOutputBytes)),
  );
  return { value: settled, rules: fired };
}

/** A cut may shape what the rules would find, so masking and cutting go on until nothing changes: redacting twice is redacting once. */
function settle(input: string, pass: (value: string) => string): string {
  let before = input;
  for (let count = 0; count < maskingPasses; count++) {
    const after = pass(before);
    if (after === before) return after;
    before = after;
  }
  return before;
}

function maskAll(value: string, rules: RuleBook, templated: string, fired: string[]): string {
  return rules.apply(value, (rule, before) =>
    rule.mask(before, rule.isTemplated === true ? templated : mark, () => fired.push(rule.name)),
  );
}

function templateSegments(value: string, fired: string[]): string {
  return value.replace(/(?<![^/:\s])(?:\d{5,}|[0-9A-Fa-f]{8,})(?![^/:\s])/g, (segment) => {
    fired.push(/^\d+$/.test(segment) ? 'number_segment' : 'hex_segment');
    return template;
  });
}

/** A mark that the cut went through would be read as content by the next pass. */
function withoutTornMark(before: string, after: string): string {
  return after.length < before.length ? after.replace(/\[R?E?D?A?C?T?E?D?$/, '') : after;
}
