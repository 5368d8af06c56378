import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contentOf, holds, meets } from './content.ts';
import { identifierCharacters, textInputBytes, textOutputBytes } from './limits.ts';
import { identifier, text } from './redact.ts';
import { mark } from './rule.ts';
import { identifierRules, redactionRules } from './rules.ts';

const encoder = new TextEncoder();
const word = fc.stringMatching(/^[a-z]{1,12}$/);
const alphanumeric = (minLength: number, maxLength: number): fc.Arbitrary<string> =>
  fc.stringMatching(new RegExp(`^[A-Za-z0-9]{${minLength},${maxLength}}$`));
const octet = fc.integer({ min: 0, max: 255 });

function withLuhn(digits: string): string {
  const isValid = (candidate: string): boolean =>
    [...candidate].reverse().reduce((sum, character, index) => {
      const digit = Number(character) * (index % 2 === 1 ? 2 : 1);
      return sum + (digit > 9 ? digit - 9 : digit);
    }, 0) %
      10 ===
    0;
  return [...'0123456789'].map((last) => digits + last).find(isValid) ?? digits;
}

/** Secrets of each kind, each as it may stand in a sentence; `secret` is what must not be left. */
const secrets: Record<string, fc.Arbitrary<{ sentence: string; secret: string }>> = {
  email: fc.tuple(word, word).map(([user, host]) => ({ sentence: `${user}@${host}.example`, secret: `${user}@` })),
  ipv4: fc.tuple(octet, octet, octet, octet).map((parts) => ({ sentence: parts.join('.'), secret: parts.join('.') })),
  ipv6: fc
    .array(fc.stringMatching(/^[1-9a-f][0-9a-f]{1,3}$/), { minLength: 8, maxLength: 8 })
    .map((groups) => ({ sentence: groups.join(':'), secret: groups.join(':') })),
  mac: fc
    .array(fc.stringMatching(/^[0-9a-f]{2}$/), { minLength: 6, maxLength: 6 })
    .map((groups) => ({ sentence: groups.join(':'), secret: groups.join(':') })),
  uuid: fc.uuid().map((uuid) => ({ sentence: uuid, secret: uuid })),
  snowflake: fc.stringMatching(/^[1-9]\d{16,18}$/).map((id) => ({ sentence: id, secret: id })),
  card: fc
    .stringMatching(/^4\d{14}$/)
    .map(withLuhn)
    .map((card) => ({ sentence: card, secret: card })),
  phone: fc.stringMatching(/^[1-9]\d{9,11}$/).map((number) => ({ sentence: `+${number}`, secret: number })),
  password: alphanumeric(6, 20).map((secret) => ({ sentence: `password=${secret}`, secret: `=${secret}` })),
  jsonToken: fc.string({ minLength: 8 }).map((raw) => {
    const secret = JSON.stringify(raw);
    return { sentence: `{"access_token":${secret},"n":1}`, secret };
  }),
  connection: fc
    .tuple(word, alphanumeric(8, 20))
    .map(([user, secret]) => ({ sentence: `postgres://${user}:${secret}@db:5432/x`, secret: `:${secret}@` })),
  query: fc
    .tuple(word, alphanumeric(8, 20))
    .map(([key, secret]) => ({ sentence: `https://a.example/b?${key}=${secret}`, secret: `=${secret}` })),
  bearer: fc.stringMatching(/^[A-Za-z0-9]{16,40}[0-9]$/).map((secret) => ({ sentence: `Bearer ${secret}`, secret })),
  github: alphanumeric(36, 36).map((secret) => ({ sentence: `ghp_${secret}`, secret })),
  statement: fc.tuple(word, word).map(([table, value]) => ({
    sentence: `INSERT INTO ${table} VALUES ('${value}; x')`,
    secret: `'${value}`,
  })),
};

describe('redaction: whatever surrounds it, no secret is left (contract.md §2)', () => {
  it.each(Object.entries(secrets))('%s', (_name, secretOf) => {
    fc.assert(
      fc.property(
        fc.array(word, { maxLength: 5 }),
        secretOf,
        fc.array(word, { maxLength: 5 }),
        (before, found, after) => {
          const sentence = [...before, found.sentence, ...after].join(' ');
          for (const { value, rules } of [text(sentence), identifier(sentence)]) {
            expect(value).not.toContain(found.secret);
            expect(rules.length).toBeGreaterThan(0);
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});

/** Text made of what rules look for, torn and glued. */
const pieces = fc.constantFrom(
  ...[
    'user "',
    '" ',
    'role "a" does not exist',
    'user id 42',
    '/users/',
    '7',
    'Accepted x for ',
    ' - ada [10/Oct/2026:',
  ],
  ...[
    '@a:b.cc',
    ' is ',
    'token ',
    '--key ',
    '-u a:b',
    'name=key value=',
    'Token(value=',
    ')',
    '<key>',
    '</',
    '%40',
    '%2B',
  ],
  ...['YWRhQGVuZ2luZS5leA==', 'aGVsbG8', '$2b$12$', 'AAAA', 'mailto:', '078-05-1120', ';base64,', '密码：', '{}', '→'],
  ...['/home/a/b.c', 'parameters: $1 = ', 'column a: "', '\\n  ', 'session opened for user a by b('],
  ...[
    'password=',
    'token: ',
    '"secret":"',
    'https://',
    '?q=',
    '@',
    '://u:p@h',
    'SELECT a FROM b',
    "'",
    '"',
    ';',
    '\n',
    ' at x (',
    '.js:1:2)',
  ],
  ...[
    '4111 1111 1111 1111',
    '+49 30 1234567',
    '10.0.0.1',
    '::1',
    'fe80::',
    'DE89 3704 0044 0532 0130 00',
    mark,
    '[RED',
    ']',
    '{',
    '}',
    '/',
    ':',
  ],
  ...[
    'user=Ada',
    ' Bob',
    'Bearer ',
    'eyJhbGciOi',
    '.',
    '-----BEGIN X KEY-----',
    '-----END X KEY-----',
    'Traceback (most recent call last):',
    '\\n',
    '\\"',
  ],
);
const adversarial = fc
  .array(
    fc.oneof(
      pieces,
      fc.string({ maxLength: 6 }),
      fc.string({ unit: 'binary', maxLength: 3 }),
      fc.integer().map(String),
    ),
    { maxLength: 60 },
  )
  .map((parts) => parts.join(''));

describe('redaction: properties of every input', () => {
  it('is idempotent: redacting what was redacted changes nothing and finds nothing', () => {
    fc.assert(
      fc.property(adversarial, (input) => {
        for (const redact of [text, identifier]) {
          const once = redact(input).value;
          expect(redact(once)).toEqual({ value: once, rules: [] });
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('never exceeds its bound, holds no U+0000 and no lone surrogate', () => {
    fc.assert(
      fc.property(adversarial, fc.integer({ min: 0, max: 400 }), (input, times) => {
        const long = `${input} `.repeat(times);
        const message = text(long).value;
        const name = identifier(long).value;
        expect(encoder.encode(message).length).toBeLessThanOrEqual(textOutputBytes);
        expect(name.length).toBeLessThanOrEqual(identifierCharacters);
        for (const value of [message, name]) {
          expect(value.isWellFormed()).toBe(true);
          expect(value).not.toContain('\u0000');
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('redaction: what Postgres cannot store is replaced', () => {
  it.each([
    ['a\u0000b', 'a\uFFFDb'],
    ['a\uD800b', 'a\uFFFDb'],
    ['\uDC00', '\uFFFD'],
    ['😀', '😀'],
  ])('%j', (input, expected) => {
    expect(text(input)).toEqual({ value: expected, rules: [] });
    expect(identifier(input)).toEqual({ value: expected, rules: [] });
  });
});

describe('redaction: bounds', () => {
  it('keeps a text of exactly 2 KB and cuts one past it at a word', () => {
    const atBound = 'ab '.repeat(textOutputBytes / 3 + 1).slice(0, textOutputBytes);
    expect(text(atBound).value).toBe(atBound);
    expect(text(`${atBound}c`).value).toBe(atBound.slice(0, atBound.lastIndexOf(' ')));
  });

  it('reads 8 KB and no more: a secret that the cut would halve is left out whole', () => {
    const filler = 'word '.repeat(textInputBytes).slice(0, textInputBytes - 6);
    const { value, rules } = text(`password=${'x '.repeat(1)}${filler} bob@example.com`);
    expect(value).not.toContain('bob');
    expect(rules).not.toContain('email');
  });

  it('never splits a surrogate pair', () => {
    expect(identifier('😀'.repeat(identifierCharacters)).value).toBe('😀'.repeat(identifierCharacters / 2));
    expect(identifier(`a${'😀'.repeat(identifierCharacters)}`).value).toBe(
      `a${'😀'.repeat(identifierCharacters / 2 - 1)}`,
    );
  });

  it('counts each mask', () => {
    expect(text('a@b.example, c@d.example and 10.0.0.1').rules).toEqual(['email', 'email', 'ipv4']);
  });
});

describe('redaction: what a rule says it needs is in all that it finds', () => {
  it('so that a text without it is the same with the rule and without', () => {
    fc.assert(
      fc.property(adversarial, (input) => {
        const content = contentOf(input);
        for (const rule of identifierRules.concat(redactionRules)) {
          // What its own cheap test leaves out is not looked for.
          if (meets(content, rule.needs) || !rule.mayMatch(input)) continue;
          expect(
            rule.mask(input, mark, () => expect.unreachable(rule.name)),
            rule.name,
          ).toBe(input);
        }
      }),
      { numRuns: 20_000 },
    );
  });

  it.each([
    ['', 0],
    ['plain words', 0],
    ['a1', holds.digit | holds.letterDigit],
    ['1a', holds.digit],
    ['é1', holds.digit | holds.beyondAscii],
    ['1 2 3', holds.digit],
    ['1 2 3 4', holds.digit | holds.digits4],
    ['1234567', holds.digit | holds.digits4],
    ['12345678', holds.digit | holds.digits4 | holds.digits8],
    ['123456789012', holds.digit | holds.digits4 | holds.digits8],
    ['1234567890123', holds.digit | holds.digits4 | holds.digits8 | holds.digits13],
    ['aaaaaaaaaaaaaaa aaaaaaaaaaaaaaa', 0],
    ['aaaaaaa+aaaaaaaa', holds.run16],
    ['Bv', holds.letterB | holds.letterV],
  ])('%j', (input, expected) => {
    expect(contentOf(input)).toBe(expected);
  });
});
