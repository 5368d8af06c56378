import { unframeMinutes } from '@command-center/contract/sketch/frames';
import type { PackedSketches } from './minutes.ts';

/** The sketches of packed minutes by `sketchKey`. */
export function sketchesByMinute(hours: readonly PackedSketches[]): ReadonlyMap<string, Uint8Array[]> {
  const found = new Map<string, Uint8Array[]>();
  for (const { member, hour, sketches } of hours) {
    for (const { minute, sketch } of unframeMinutes(sketches)) {
      const key = sketchKey(member, hour.getTime() + minute * 60_000);
      const known = found.get(key);
      if (known === undefined) found.set(key, [sketch]);
      else known.push(sketch);
    }
  }
  return found;
}

export function sketchKey(member: number, minuteMs: number): string {
  return `${member} ${minuteMs}`;
}
