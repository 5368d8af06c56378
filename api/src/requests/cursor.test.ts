import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bindingOf, createCursors } from './cursor.ts';

const secret = 'a-secret-for-tests-of-at-least-32-characters';
const cursors = createCursors(secret);

const positions = fc.record({
  fromMs: fc.integer(),
  toMs: fc.integer(),
  tsMicros: fc.bigInt({ min: 0n, max: 10n ** 17n }).map(String),
  ids: fc.array(fc.string(), { maxLength: 2 }),
});

describe('a cursor', () => {
  test('reads back what it was written for', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), positions, async (binding, position) => {
        expect(await cursors.read(binding, await cursors.write(binding, position))).toEqual(position);
      }),
    );
  });

  test('is null under another binding, another secret, or with any character changed', async () => {
    const other = createCursors(`${secret}!`);
    await fc.assert(
      fc.asyncProperty(positions, fc.nat(), fc.constantFrom('A', 'z', '-', '.', '='), async (position, at, put) => {
        const cursor = await cursors.write('logs', position);
        expect(await cursors.read('traces', cursor)).toBeNull();
        expect(await other.read('logs', cursor)).toBeNull();
        const index = at % cursor.length;
        fc.pre(cursor[index] !== put);
        expect(await cursors.read('logs', cursor.slice(0, index) + put + cursor.slice(index + 1))).toBeNull();
      }),
    );
  });

  test('any other text is null', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), async (text) => {
        expect(await cursors.read('logs', text)).toBeNull();
      }),
    );
  });
});

test('a binding is of the list and its filters, whatever their order, and not of the page', () => {
  const binding = bindingOf('logs', { level: 'ERROR', service: 'a', search: undefined, limit: 5, cursor: 'x' });
  expect(bindingOf('logs', { service: 'a', level: 'ERROR', limit: 100 })).toBe(binding);
  expect(bindingOf('traces', { service: 'a', level: 'ERROR' })).not.toBe(binding);
  expect(bindingOf('logs', { service: 'a' })).not.toBe(binding);
});
