import { performance } from 'node:perf_hooks';
import { describe, expect, it } from 'vitest';
import { text } from './redact.ts';
import { redactionRules } from './rules.ts';

/** Units that, repeated, make a backtracking pattern try everything from everywhere. */
const units = [
  ...[
    'a',
    'A',
    '1',
    ' ',
    '.',
    '-',
    ':',
    '/',
    '@',
    '=',
    '"',
    "'",
    '\\',
    '(',
    '{',
    '\n',
    '_',
    'eyJ',
    'a1B2',
    '1 ',
    '1-',
    'a.',
    'a@',
    'a:',
    ':a',
  ],
  ...[
    'a://',
    'a://b?',
    '://@',
    'u:p@',
    '/a?b',
    'key=',
    'key="',
    'key=[',
    'key: Ada Bob ',
    '"key":{',
    'user id ',
    'token:\\"',
  ],
  ...[
    'SELECT ',
    'SELECT a FROM ',
    'select a,',
    "WHERE a='",
    'update a set ',
    'Key (a)=(',
    'INSERT INTO ',
    'with a as (',
  ],
  ...[
    '-----BEGIN X KEY-----',
    '-----END',
    '-----BEGIN ',
    '    at a (',
    '    at a (b:1)\n',
    ' at a (b:1)',
    'Traceback (most recent call last):\n ',
    '\\n  File "',
  ],
  ...[
    'Bearer ',
    'bearer a',
    'basic aA',
    'xoxb-',
    'ghp_',
    'sk-',
    'SG.aaaaaaaaaaaaaaaaaaaa.',
    'glpat-',
    'AKIA',
    'hooks.slack.com/services/',
  ],
  ...[
    '4111 ',
    '4111111111111111 ',
    'DE89 ',
    'DE89370400440532013000',
    '+49 ',
    '0 1 ',
    '10.0.0.',
    '::',
    'ab:',
    'ab:cd:ef:',
    '52.5200, ',
    'f',
    '0x',
    'ab-',
  ],
  ...[
    'user "',
    'user ',
    'role "a" ',
    'user id 1 ',
    'Accepted a for ',
    'session opened for user a by ',
    ' - a ',
    '@a:',
    '@a.b-c:d.',
    'password for ',
    'password is ',
    'token for a is "',
    '--key ',
    '--key "',
    '-u a:',
    '-p login ',
    'name=key,value=',
    'name=a ',
    '"key":"token",',
    'Token(value=',
    'Token(',
    '<key ',
    '<key>',
    '<a:key a>b</',
  ],
  ...[
    '%41',
    'a%40',
    '%',
    '%2525',
    '25',
    '$2b$',
    '$1$a',
    'AAAA',
    'mailto:',
    'YWFh',
    'YWFhYWFhYWFhYWFhYWFhYQ== ',
    '"a',
    '078-05-',
    ';base64,',
    '密码：',
    'parameters: $1 = ',
  ],
  ...[
    'column a: "',
    '(a 1) b:',
    'a(b) called at ',
    '#0 a at ',
    '=\\"',
    'cookie: ="',
    'key:\n  ',
    '"key", "',
    '<a',
    'user=<',
  ],
];
const smallBytes = 10_000;
const growth = 10;
/** Linear work grows by 10, quadratic by 100; between them lies room for the jitter of small times. */
const allowedRatio = 30;
/** Below this nothing is quadratic: 100 KB squared takes longer even where a byte takes no longer than memory needs to bring it. */
const measurableMs = 100;
/** A machine busy with something else may spoil a comparison, but not each of several. */
const attempts = 4;

function repeated(unit: string, bytes: number): string {
  return unit.repeat(Math.ceil(bytes / unit.length)).slice(0, bytes);
}

function fastestMs(work: () => void): number {
  let fastest = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 3; run++) {
    const start = performance.now();
    work();
    fastest = Math.min(fastest, performance.now() - start);
  }
  return fastest;
}

describe('redaction runs in linear time: ten times the input is about ten times the work', () => {
  it.each(redactionRules.map((rule) => [rule.name, rule] as const))('%s', (_name, rule) => {
    const measured = (input: string): number => fastestMs(() => rule.mask(input, '[REDACTED]', () => undefined));
    const ratioOf = (unit: string): number => {
      const largeMs = measured(repeated(unit, smallBytes * growth));
      return largeMs < measurableMs ? 0 : largeMs / Math.max(measured(repeated(unit, smallBytes)), 0.05);
    };
    for (const unit of units) {
      let ratio = ratioOf(unit);
      for (let attempt = 1; attempt < attempts && ratio >= allowedRatio; attempt++)
        ratio = Math.min(ratio, ratioOf(unit));
      expect(ratio, `${rule.name} on ${JSON.stringify(unit)}`).toBeLessThan(allowedRatio);
    }
    expect(units.length).toBeGreaterThan(50);
  });

  it('and a text past 8 KB costs what one of 8 KB does', () => {
    for (const unit of units) {
      expect(text(repeated(unit, smallBytes * growth)).value.length).toBeLessThanOrEqual(2_048);
    }
  });
});
