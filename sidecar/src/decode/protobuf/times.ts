/** The fixed64 of nanoseconds since the epoch at `at` as whole milliseconds, exactly; by halves, since each bigint is garbage. Undefined where it is zero. */
export function wholeMsAt(view: DataView, at: number): number | undefined {
  const high = view.getUint32(at + 4, true);
  const low = view.getUint32(at, true);
  if (high === 0 && low === 0) return undefined;
  const rest = (high % 1_000_000) * 0x1_0000_0000 + low;
  return Math.floor(high / 1_000_000) * 0x1_0000_0000 + Math.floor(rest / 1_000_000);
}

/** How much larger the fixed64 at `end` is than the one at `start`, unsigned, the nearest double. */
export function differenceAt(view: DataView, end: number, start: number): number {
  const high = view.getUint32(end + 4, true) - view.getUint32(start + 4, true);
  return high * 0x1_0000_0000 + (view.getUint32(end, true) - view.getUint32(start, true));
}
