import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inParts, type Part } from './parts.ts';

async function* chunksOf(all: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* all;
}

test('parts hold every byte in order, none but the last below the size, and one is the last', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ maxLength: 9 })),
      fc.integer({ min: 1, max: 20 }),
      async (chunks, size) => {
        const parts: Part[] = [];
        for await (const part of inParts(chunksOf(chunks), size)) parts.push(part);
        expect(parts.flatMap(({ bytes }) => [...bytes])).toEqual(chunks.flatMap((chunk) => [...chunk]));
        expect(parts.map(({ isLast }) => isLast)).toEqual(parts.map((_, index) => index === parts.length - 1));
        for (const { bytes } of parts.slice(0, -1)) expect(bytes.length).toBeGreaterThanOrEqual(size);
        expect(parts.length).toBeGreaterThan(0);
      },
    ),
  );
});
