import { holds } from '../content.ts';
import { patternRule, type RedactionRule } from '../rule.ts';

const octet = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const ipv4 = `(?:${octet}\\.){3}${octet}`;

/** Addresses and ids of machines, devices and things in them. */
export const deviceRules: readonly RedactionRule[] = [
  patternRule({
    name: 'mac',
    needs: [holds.colon, holds.dash, holds.dot],
    hint: /[0-9A-Fa-f]{2}[:.-][0-9A-Fa-f]{2}/,
    pattern:
      /(?<![0-9A-Fa-f:.-])(?:[0-9A-Fa-f]{2}([:-])[0-9A-Fa-f]{2}(?:\1[0-9A-Fa-f]{2}){4}|[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4})(?![:-]?[0-9A-Fa-f])/g,
  }),
  patternRule({
    name: 'ipv6',
    needs: [holds.colon],
    hint: /:[0-9A-Fa-f:]/,
    pattern: new RegExp(`(?<![0-9A-Fa-f:])(?:[0-9A-Fa-f:]+(?<=:)${ipv4}|[0-9A-Fa-f:]{3,})(?:%\\w{1,15})?`, 'g'),
    replace: (match, replacement) => maskIpv6(match[0], wordBefore(match), replacement),
  }),
  patternRule({
    name: 'ipv4',
    needs: [holds.dot | holds.digits4, holds.dash | holds.digits4],
    hint: /\d[.-]\d/,
    pattern: new RegExp(
      `(?<![\\d.vV])(?<!\\b(?:[Vv]ersion|[Bb]uild|[Rr]elease) )(?:${ipv4}|(?<=\\bip-)${ipv4.replaceAll('\\.', '-')})(?:/\\d{1,2})?(?!\\d|\\.\\d)`,
      'g',
    ),
  }),
  patternRule({
    name: 'uuid',
    needs: [holds.dash | holds.run16],
    hint: '-',
    pattern:
      /(?<![0-9A-Fa-f])[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}(?![0-9A-Fa-f])/g,
    isTemplated: true,
  }),
  patternRule({
    name: 'device_id',
    needs: [holds.dash | holds.run16],
    hint: '-',
    // Apple's newer UDID; the older one is long hex, an IMEI passes for a card.
    pattern: /(?<![0-9A-Fa-f])[0-9A-Fa-f]{8}-[0-9A-Fa-f]{16}(?![0-9A-Fa-f])/g,
  }),
  patternRule({
    name: 'snowflake',
    needs: [holds.digits13],
    hint: /\d{17}/,
    pattern: /(?<!\d)(?<!\d\.)\d{17,}(?!\d)/g,
  }),
];

function wordBefore(match: RegExpExecArray): boolean {
  return /\w/.test(match.input.charAt(match.index - 1));
}

/** Masks the address inside a run of hex digits and colons; what belongs to a word before it, and a colon on either side, stays. */
function maskIpv6(run: string, isAfterWord: boolean, replacement: string): string | undefined {
  const zone = run.indexOf('%');
  const address = zone < 0 ? run : run.slice(0, zone);
  let start = 0;
  if (isAfterWord) start = address.indexOf(':') + 1;
  else if (address.startsWith(':') && !address.startsWith('::')) start = 1;
  if (address.startsWith(':', start) && !address.startsWith('::', start)) return undefined;
  const end = address.endsWith(':') && !address.endsWith('::') ? address.length - 1 : address.length;
  if (!isIpv6(address.slice(start, end))) return undefined;
  return run.slice(0, start) + replacement + (zone < 0 ? run.slice(end) : '');
}

/** RFC 4291 §2.2; without a digit only from three groups on, for `db::add` is a name. */
function isIpv6(value: string): boolean {
  if (value.length < 3 || value.length > 45) return false;
  const halves = value.split('::');
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  const last = groups.at(-1) ?? '';
  const isDotted = last.includes('.');
  const hex = isDotted ? groups.slice(0, -1) : groups;
  const count = hex.length + (isDotted ? 2 : 0);
  if (!hex.every((group) => /^[0-9A-Fa-f]{1,4}$/.test(group))) return false;
  if (halves.length === 1 ? count !== 8 : count > 7) return false;
  return groups.length >= 3 || /\d/.test(value);
}
