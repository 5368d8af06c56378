import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { holds } from './content.ts';
import { rememberedContents } from './limits.ts';
import { patternRule } from './rule.ts';
import { RuleBook } from './ruleBook.ts';

const rule = (name: string, pattern: RegExp, masked: string, needs?: readonly number[]) =>
  patternRule({ name, hint: /(?:)/, pattern, replace: () => masked, ...(needs === undefined ? {} : { needs }) });

describe('a book of rules', () => {
  const applied = (book: RuleBook, value: string) =>
    book.apply(value, (each, before) => each.mask(before, '', () => undefined));

  it('applies each rule once, in its order, to what the ones before it left', () => {
    const book = new RuleBook([
      rule('first', /@/g, '#', [holds.at]),
      rule('earlier need', /!/g, 'late', [holds.bang]),
      rule('second', /#/g, '!', [holds.hash]),
      rule('third', /!/g, '@', [holds.bang]),
    ]);
    // By way of a#b and a!b.
    expect(applied(book, 'a@b')).toBe('a@b');
    expect(applied(book, 'a#b')).toBe('a@b');
    expect(applied(book, 'a!b')).toBe('alateb');
    expect(applied(book, 'ab')).toBe('ab');
  });

  it(`forgets after ${rememberedContents} contents, and says the same`, () => {
    const book = new RuleBook([rule('digit', /\d/g, '', [holds.digit]), rule('any', /x/g, 'y')]);
    const plain = (value: string) => value.replaceAll(/\d/g, '').replaceAll('x', 'y');
    const marks = '@!:=-./\\\n"(';
    const values = Array.from({ length: rememberedContents + 1 }, (_, bits) =>
      [...marks].filter((_mark, index) => (bits & (1 << index)) !== 0).join('x1'),
    );
    for (const value of [...values, ...values]) expect(applied(book, value)).toBe(plain(value));
    fc.assert(
      fc.property(fc.string(), (value) => {
        expect(applied(book, value)).toBe(plain(value));
      }),
    );
  });
});
