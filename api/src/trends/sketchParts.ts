import type { z } from 'zod';
import type { packedSketchesRow } from '../queries/trendMinutes.ts';

/** Takes apart what `string_agg` put together: each part behind its length in 4 bytes, big-endian. */
export function unframe(bytes: Uint8Array): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 4 + view.getUint32(at);
    parts.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return parts;
}

/** The sketches of packed minutes by `sketchKey`. */
export function sketchesByMinute(
  hours: readonly z.infer<typeof packedSketchesRow>[],
): ReadonlyMap<string, Uint8Array[]> {
  const found = new Map<string, Uint8Array[]>();
  for (const { member, hour, sketches } of hours) {
    const view = new DataView(sketches.buffer, sketches.byteOffset, sketches.byteLength);
    for (let at = 0; at < sketches.length; ) {
      const end = at + 4 + view.getUint16(at + 2);
      const key = sketchKey(member, hour.getTime() + view.getUint16(at) * 60_000);
      const known = found.get(key);
      const part = sketches.subarray(at + 4, end);
      if (known === undefined) found.set(key, [part]);
      else known.push(part);
      at = end;
    }
  }
  return found;
}

export function sketchKey(member: number, minuteMs: number): string {
  return `${member} ${minuteMs}`;
}
