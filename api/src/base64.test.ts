import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromBase64url, toBase64, toBase64url } from './base64.ts';

test('bytes come back as they were, as Node writes them', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
      expect(toBase64url(bytes)).toBe(Buffer.from(bytes).toString('base64url'));
      expect(fromBase64url(toBase64url(bytes))).toEqual(bytes);
    }),
  );
});

test.each(['a', 'a+b=', 'ab c', '=', 'äöü'])('%s is none', (text) => {
  expect(fromBase64url(text)).toBeNull();
});
