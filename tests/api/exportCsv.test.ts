import { csvHeader, csvRow } from '@command-center/api/export/csv';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

const columns = ['a', 'b', 'c'];
/** As strict as the parser can be: quotes only where RFC 4180 has them, every row as long as the header. */
function read(text: string): Record<string, string>[] {
  return parse(text, { columns: true, record_delimiter: '\r\n', relax_quotes: false });
}
const fileOf = (rows: readonly Record<string, unknown>[]): string =>
  csvHeader(columns) + rows.map((row) => csvRow(columns, row)).join('');

/** What a spreadsheet would calculate, in front of anything. */
const formulas = fc.tuple(fc.constantFrom('=', '+', '-', '@', '\t', '\r'), fc.string()).map((parts) => parts.join(''));
const hostile = fc.string({
  unit: fc.constantFrom('"', ',', '\r', '\n', '\r\n', "'", ';', '=', ' ', '\u2028', '\ufeff', 'é', '🚨', 'x'),
});
const texts = fc.oneof(hostile, formulas, fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }));

describe('a CSV is RFC 4180, whatever the cells hold (interfaces.md §1, "Export")', () => {
  test('a parser reads back every text, those of formulas behind an apostrophe', () => {
    const rows = fc.array(fc.record({ a: texts, b: texts, c: texts }), { maxLength: 8 });
    fc.assert(
      fc.property(rows, (all) => {
        const expected = all.map((row) =>
          Object.fromEntries(
            Object.entries(row).map(([name, text]) => [name, /^[=+\-@\t\r]/.test(text) ? `'${text}` : text]),
          ),
        );
        expect(read(fileOf(all))).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  test('no cell of a text begins as a formula does', () => {
    fc.assert(
      fc.property(formulas, (text) => {
        const [row] = read(fileOf([{ a: text, b: 'x', c: 'x' }]));
        expect(row?.a).toBe(`'${text}`);
      }),
    );
  });

  test('numbers stay numbers, also below zero', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), fc.integer(), (a, b) => {
        const [row] = read(fileOf([{ a, b, c: -1.5 }]));
        expect([Number(row?.a), Number(row?.b), row?.c]).toEqual([a === 0 ? 0 : a, b, '-1.5']);
      }),
    );
  });

  test('absent is empty, an empty text is quoted, an object is JSON, true is a word', () => {
    expect(csvRow(columns, { a: null, b: '', c: undefined })).toBe(',"",\r\n');
    const attrs = { 'k"': ',' };
    const line = csvRow(columns, { a: attrs, b: true, c: false });
    expect(line).toBe(`"${JSON.stringify(attrs).replaceAll('"', '""')}",true,false\r\n`);
  });

  test('without rows there is the header alone, and every line ends with CRLF', () => {
    expect(fileOf([])).toBe('a,b,c\r\n');
    expect(fileOf([{ a: 'x', b: 'y', c: 'z' }])).toBe('a,b,c\r\nx,y,z\r\n');
  });
});
