import { MAX_READ_BUCKETS } from '../../limits.ts';
import { advance, double, type Wire } from './wire.ts';

/** The bounds read last, and where they stood on their wire: a metric's points come one after another and share them. */
let last: { readonly bytes: Buffer; readonly bounds: readonly number[] } = { bytes: Buffer.alloc(0), bounds: [] };

/** Packed doubles; the same array as before where the bytes are the same. */
export function readBounds(wire: Wire): readonly number[] {
  const { reader, buffer } = wire;
  const size = reader.size();
  const start = advance(reader, size);
  if (last.bytes.length === size && last.bytes.compare(buffer, start, start + size) === 0) return last.bounds;
  const end = reader.pos;
  const outer = reader.len;
  reader.pos = start;
  reader.len = end;
  const bounds: number[] = [];
  while (reader.pos < end && bounds.length < MAX_READ_BUCKETS) bounds.push(double(wire));
  reader.pos = end;
  reader.len = outer;
  if (bounds.length < MAX_READ_BUCKETS) last = { bytes: Buffer.from(buffer.subarray(start, end)), bounds };
  return bounds;
}
