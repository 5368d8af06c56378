import { describe, expect, it } from 'vitest';
import { oneLine, visible } from './visible.ts';

describe('a text from outside', () => {
  it.each([
    ['an override', 'pay \u202etxt.exe', 'pay [U+202E]txt.exe'],
    ['isolates', '\u2066a\u2069', '[U+2066]a[U+2069]'],
    ['embeddings', '\u202ab\u202c', '[U+202A]b[U+202C]'],
    ['marks of direction', '\u200e\u200f\u061c', '[U+200E][U+200F][U+061C]'],
    ['controls', 'a\u0000b\u001b[31mc\u0085d\u007f', 'a[U+0000]b[U+001B][31mc[U+0085]d[U+007F]'],
    ['breaks of lines and paragraphs', 'a\u2028b\u2029\r', 'a[U+2028]b[U+2029][U+000D]'],
    ['widths of nothing', 'ad\u200bmin\ufeff', 'ad[U+200B]min[U+FEFF]'],
  ])('shows %s', (_, text, expected) => {
    expect(visible(text)).toBe(expected);
  });

  it.each([
    ['tabs and line feeds', 'a\tb\nc'],
    ['emoji that are joined', '👩‍👩‍👧 🏳️‍🌈'],
    ['what is written from right to left', 'שלום مرحبا'],
    ['markup', '<img src=x onerror=alert(1)>'],
  ])('keeps %s', (_, text) => {
    expect(visible(text)).toBe(text);
  });
});

describe('a text in one line', () => {
  it.each([0, 1, 199, 200])('of %i characters is whole', (length) => {
    expect(oneLine('x'.repeat(length))).toBe('x'.repeat(length));
  });

  it.each([201, 100_000])('of %i characters ends after 200', (length) => {
    expect(oneLine('x'.repeat(length))).toBe(`${'x'.repeat(200)}…`);
  });

  it('ends with no half character', () => {
    expect(oneLine(`${'x'.repeat(199)}👋 and more`)).toBe(`${'x'.repeat(199)}…`);
    expect(oneLine(`${'x'.repeat(198)}👋 and more`)).toBe(`${'x'.repeat(198)}👋…`);
  });
});
