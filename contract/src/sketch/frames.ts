/** How sketches lie one after another where SQL has put them together: a contract between the statements that do so and those who take them apart. */

/** Sketches of one window as they come out of the database. To take thousands apart, a view each, made the garbage collector work longer than their sum. */
export interface Sketches {
  /** What `unframe` takes apart. */
  readonly framed: Uint8Array;
  readonly loose: readonly Uint8Array[];
}

export const noFrames = new Uint8Array(0);
export const noSketches: Sketches = { framed: noFrames, loose: [] };

/** Each behind its length in 4 bytes, big-endian: `string_agg(int4send(length(sketch)) || sketch, …)`. */
export function unframe(bytes: Uint8Array): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const sketches: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 4 + view.getUint32(at);
    sketches.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return sketches;
}

export interface MinuteSketch {
  /** Of the hour: 0 to 59. */
  readonly minute: number;
  readonly sketch: Uint8Array;
}

/** Each behind its minute of the hour and its length, in 2 bytes each, big-endian: `telemetry_metric_sketches` (migration 0003). A minute may come twice. */
export function unframeMinutes(bytes: Uint8Array): MinuteSketch[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const sketches: MinuteSketch[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 4 + view.getUint16(at + 2);
    sketches.push({ minute: view.getUint16(at), sketch: bytes.subarray(at + 4, end) });
    at = end;
  }
  return sketches;
}
