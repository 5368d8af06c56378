/** A part of an upload: all but the last have at least the size that was asked for. */
export interface Part {
  readonly bytes: Uint8Array;
  readonly isLast: boolean;
}

/** Gathers chunks into parts of at least `size` bytes; there is always a last one, which may be smaller, or empty. */
export async function* inParts(chunks: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Part> {
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  for await (const chunk of chunks) {
    held.push(chunk);
    heldBytes += chunk.length;
    if (heldBytes < size) continue;
    yield { bytes: joined(held, heldBytes), isLast: false };
    held = [];
    heldBytes = 0;
  }
  yield { bytes: joined(held, heldBytes), isLast: true };
}

function joined(chunks: readonly Uint8Array[], bytes: number): Uint8Array {
  const all = new Uint8Array(bytes);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
