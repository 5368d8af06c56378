import { MAX_READ_BUCKETS } from '../../limits.ts';
import { advance, double, type Wire } from './wire.ts';

/** The bounds read last, and where they stood on their wire: a metric's points come one after another and share them. */
let last: { readonly view: DataView; readonly bounds: readonly number[] } = {
  view: new DataView(new ArrayBuffer(0)),
  bounds: [],
};

/** Packed doubles; the same array as before where the bytes are the same. */
export function readBounds(wire: Wire): readonly number[] {
  const { reader, view } = wire;
  const size = reader.size();
  const start = advance(reader, size);
  if (isLast(view, start, size)) return last.bounds;
  const end = reader.pos;
  const outer = reader.len;
  reader.pos = start;
  reader.len = end;
  const bounds: number[] = [];
  while (reader.pos < end && bounds.length < MAX_READ_BUCKETS) bounds.push(double(wire));
  reader.pos = end;
  reader.len = outer;
  if (bounds.length < MAX_READ_BUCKETS) last = { view: new DataView(wire.raw.slice(start, end).buffer), bounds };
  return bounds;
}

/** A word at a time, without a call into Node for each point. */
function isLast(view: DataView, start: number, size: number): boolean {
  if (size !== last.view.byteLength || size % 4 !== 0) return false;
  for (let at = 0; at < size; at += 4)
    if (view.getInt32(start + at, true) !== last.view.getInt32(at, true)) return false;
  return true;
}
