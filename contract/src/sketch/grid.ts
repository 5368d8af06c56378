/**
 * The one grid of all sketches (design §4): bin i = (2^((i-1)/32), 2^(i/32)], |i| <= 1280, zero apart, negatives mirrored.
 * Bins stand in one order, negative < zero < positive, as *ordinals*: 0 is zero, 1 to 2561 are the positive bins -1280 to 1280, -1 to -2561
 * their mirror images, and 2562 is all that lies above the grid, so that a span ending there is open.
 */

const BINS_PER_OCTAVE = 32;
const MAX_BIN = 1280;
const OFFSET = MAX_BIN + 1;

export const zeroOrdinal = 0;
export const maxOrdinal = MAX_BIN + OFFSET;
export const minOrdinal = -maxOrdinal;
/** (2^40, +infinity). */
export const openOrdinal = maxOrdinal + 1;

/** Ordinal of positive bin i, clipped to the grid. */
export function ordinalOfBin(bin: number): number {
  return Math.min(Math.max(bin, -MAX_BIN), MAX_BIN) + OFFSET;
}

/** Lower edge of the ordinal's bin; exclusive for positive bins, inclusive for zero and negative ones. */
export function lowerEdge(ordinal: number): number {
  if (ordinal > 0) return edge(ordinal - OFFSET - 1);
  return ordinal === 0 ? 0 : -edge(-ordinal - OFFSET);
}

/** Upper edge of the ordinal's bin; +infinity for the open one. */
export function upperEdge(ordinal: number): number {
  if (ordinal >= openOrdinal) return Number.POSITIVE_INFINITY;
  if (ordinal > 0) return edge(ordinal - OFFSET);
  return ordinal === 0 ? 0 : -edge(-ordinal - OFFSET - 1);
}

/** Edges -1281 to 1280: a percentile asks for hundreds of them, and a power costs ten times a look-up. */
const edges = Float64Array.from({ length: 2 * MAX_BIN + 2 }, (_, at) => 2 ** ((at - OFFSET) / BINS_PER_OCTAVE));

function edge(index: number): number {
  const known = edges[index + OFFSET];
  if (known === undefined) throw new Error(`sketch: edge ${index} is off the grid`);
  return known;
}

/** First ordinal of values above `lower`: the lower edge is rounded down. */
export function ordinalAbove(lower: number): number {
  if (lower === 0) return zeroOrdinal;
  if (lower > 0) return ordinalOfBin(Math.floor(position(lower)) + 1);
  return -ordinalOfBin(Math.ceil(position(-lower)));
}

/** Last ordinal of values up to and including `upper`: the upper edge is rounded up. */
export function ordinalUpTo(upper: number): number {
  if (upper === Number.POSITIVE_INFINITY) return openOrdinal;
  if (upper === 0) return zeroOrdinal;
  if (upper > 0) return ordinalOfBin(Math.ceil(position(upper)));
  return -ordinalOfBin(Math.ceil(position(-upper)));
}

/** Ordinal of the bin that holds the value. */
export function ordinalOf(value: number): number {
  return ordinalUpTo(value);
}

/** Rounding of log2 and of a unit's factor may move a value that is an edge by some 1e-12 bins: within this distance it is the edge. */
const EDGE_TOLERANCE = 1e-10;

/** Where a positive value lies on the grid, in bins; whole numbers are edges. */
function position(value: number): number {
  const exact = BINS_PER_OCTAVE * Math.log2(value);
  const nearest = Math.round(exact);
  return Math.abs(exact - nearest) <= EDGE_TOLERANCE ? nearest : exact;
}
