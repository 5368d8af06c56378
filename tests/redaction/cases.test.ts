import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { identifier, text } from '@command-center/contract/redaction/redact';
import { redactionRules } from '@command-center/contract/redaction/rules';
import { describe, expect, it } from 'vitest';

/**
 * A case is a folder, `cases/<rule>/{finds,keeps}.<what>/`, with `input` and what becomes of it: `expected` as text, `expected.identifier`
 * as an identifier (either or both). One line end at the end of a file is not part of it.
 */
const folder = join(import.meta.dirname, 'cases');
const kinds = [
  { file: 'expected', redact: text },
  { file: 'expected.identifier', redact: identifier },
];
/** Segments are templated by the function for identifiers itself. */
const ruleNames = [...redactionRules.map((rule) => rule.name), 'number_segment', 'hex_segment'];

function read(...path: string[]): string {
  return readFileSync(join(folder, ...path), 'utf8').replace(/\n$/, '');
}

describe('every redaction rule has a case that it finds and one that it keeps', () => {
  it.each(ruleNames)('%s', (rule) => {
    const cases = readdirSync(join(folder, rule));
    expect(cases.some((name) => name.startsWith('finds.'))).toBe(true);
    expect(cases.some((name) => name.startsWith('keeps.'))).toBe(true);
  });

  it('and every folder of cases belongs to a rule', () => {
    expect(readdirSync(folder).filter((rule) => !ruleNames.includes(rule))).toEqual([]);
  });
});

describe.each(readdirSync(folder))('redaction: %s', (rule) => {
  describe.each(readdirSync(join(folder, rule)))('%s', (name) => {
    const present = kinds.filter(({ file }) => existsSync(join(folder, rule, name, file)));

    it('has an expectation', () => {
      expect(present).not.toEqual([]);
    });

    it.each(present)('$file', ({ file, redact }) => {
      const input = read(rule, name, 'input');
      const result = redact(input);
      expect(result.value).toBe(read(rule, name, file));
      if (name.startsWith('keeps.')) expect(result.rules).not.toContain(rule);
      else expect(result.rules).toContain(rule);
    });
  });
});
