import { passesIban, passesLuhn } from '../checkDigits.ts';
import { holds } from '../content.ts';
import { patternRule, type RedactionRule } from '../rule.ts';

const digit = /\d/;

/** What names or reaches a person: addresses, numbers of phones, cards and accounts, places. */
export const peopleRules: readonly RedactionRule[] = [
  patternRule({
    name: 'email',
    needs: [holds.at],
    hint: '@',
    // RFC 5321 takes an apostrophe in a name, and anything in a quoted one. A mail address that is a link brings subject and body along.
    pattern:
      /(?<![\p{L}\p{N}._%+'-])(?:mailto:[^\s"'<>`]{1,2000}|(?:[\p{L}\p{N}._%+'-]+|"[^"\r\n]{1,64}")@(?:[\p{L}\p{N}-]+\.)+\p{L}{2,63})/gu,
    isTemplated: true,
  }),
  patternRule({
    name: 'iban',
    needs: [holds.letterDigit],
    hint: digit,
    pattern: /(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?: ?[A-Za-z0-9]{4}){2,7}(?: ?[A-Za-z0-9]{1,3})?(?![A-Za-z0-9])/g,
    replace: ([match], replacement) => {
      const end = ibanEnd(match);
      return end === undefined ? undefined : replacement + match.slice(end);
    },
  }),
  patternRule({
    name: 'payment_card',
    needs: [holds.digits13],
    hint: digit,
    pattern:
      /(?<!\d)(?<!\d\.)(?:\d{4}([ .-])\d{4}\1\d{4}\1\d{4}(?:\1\d{1,3})?|\d{4}([ .-])\d{6}\2\d{4,5}|\d{13,19})(?!\d)/g,
    replace: ([match], replacement) => (passesLuhn(match) && /[1-9]/.test(match) ? replacement : undefined),
  }),
  patternRule({
    name: 'phone',
    needs: [holds.digits8],
    hint: digit,
    pattern:
      /(?<![\w.+])(?:(?:\+|00)[1-9]\d{0,2}[ ./-]{0,2}(?:\(0?\d{1,4}\)[ ./-]{0,2})?(?:\d[ ./-]{0,2}){5,12}\d|\(?[2-9]\d{2}\)?[ .-]{1,2}\d{3}[ .-]\d{4}|\(?0[1-9]\d{1,3}\)?[ /-]{1,3}\d{5,9}|0\d{1,4}([ .-])\d{2,4}(?:\1\d{2,4}){1,3})(?![\w:])/g,
    replace: ([match], replacement) => {
      const digits = match.replace(/\D/g, '').length;
      return digits >= 8 && digits <= 15 && !isDate(match) ? replacement : undefined;
    },
  }),
  patternRule({
    name: 'social_security',
    needs: [holds.dash | holds.digits8],
    hint: /\d-\d\d-\d/,
    // Areas 000, 666 and 900-999 are not given out.
    pattern: /(?<![\w.-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w.-]*\w)/g,
  }),
  patternRule({
    name: 'coordinates',
    needs: [holds.dot | holds.digits8],
    hint: digit,
    pattern: /(?<![\d.])-?\d{1,2}\.\d{3,15}°?[ ]?[NSns]?[,;/ ] ?-?\d{1,3}\.\d{3,15}(?![\d.])/g,
    replace: ([match], replacement) => {
      const [latitude = 0, longitude = 0] = (match.match(/-?\d+\.\d+/g) ?? []).map(Number);
      return Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180 ? replacement : undefined;
    },
  }),
];

/** Where the account number at the beginning of `match` ends: capital words that follow it look like more of its groups. */
function ibanEnd(match: string): number | undefined {
  for (let end = match.length; end >= 15; end--) {
    if (end < match.length && /[A-Za-z0-9]/.test(match.charAt(end)) && match.includes(' ')) continue;
    const compact = match.slice(0, end).replaceAll(' ', '');
    if (compact.length >= 15 && compact.length <= 34 && passesIban(compact)) return end;
    if (!match.includes(' ')) return undefined;
  }
  return undefined;
}

/** `01.02.2026 12` and `00-12-2026` have the shape of a phone number. */
function isDate(match: string): boolean {
  return /^\d{2}[ .-]\d{2}[ .-](?:19|20)\d{2}(?:\D|$)/.test(match);
}
