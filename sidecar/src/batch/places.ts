import type { CuratedStream, SourceClaim, Target } from '../curate/curated.ts';
import type { Draft } from './draft.ts';
import { type BlockSlot, type Memory, type SeriesSlot, SourceSlot, sourceSlot } from './memory.ts';

/**
 * Where the memory keeps what belongs to a stream, a target or a claim. The answer stays with the object that was asked about, for as long as
 * its slot lives, so that no key is put together and looked up for each point.
 */

/** The row of a stream, in a block that is committed. */
class StreamPlace {
  readonly slot: BlockSlot;
  /** Where the row begins. */
  readonly at: number;

  constructor(slot: BlockSlot, at: number) {
    this.slot = slot;
    this.at = at;
  }
}

/** Undefined where the stream has no row: it is new, or its state does not fit one. */
export function placeOf(draft: Draft, curated: CuratedStream): Readonly<StreamPlace> | undefined {
  const { memo, stream, owner } = curated;
  if (memo instanceof StreamPlace && memo.slot.isLive && draft.nodeOf(memo.slot).streams.isRowOf(memo.at, stream))
    return memo;
  const slot = draft.leaf(owner, stream);
  if (slot === undefined) return undefined;
  const at = draft.nodeOf(slot).streams.offsetOf(stream);
  if (at < 0) return undefined;
  const place = new StreamPlace(slot, at);
  curated.memo = place;
  return place;
}

/** The key of a target's slot in memory. */
export function seriesKey(target: Target): string {
  return `${target.entry.name} ${target.labelsKey}`;
}

/** A target's series, and whether its sources hold the minute that a draft last asked about. */
class TargetPlace {
  readonly slot: SeriesSlot;
  /** The draft, its count of changed sources, and the minute for which `isHeld` holds. */
  draft = 0;
  changes = 0;
  minuteMs = 0;
  isHeld = false;

  constructor(slot: SeriesSlot) {
    this.slot = slot;
  }
}

/** Undefined where the series was not admitted yet. */
function targetPlaceOf(memory: Memory, target: Target): TargetPlace | undefined {
  const { memo } = target;
  if (memo instanceof TargetPlace && memo.slot.isLive) return memo;
  const slot = memory.series.get(seriesKey(target));
  if (slot === undefined) return undefined;
  const place = new TargetPlace(slot);
  target.memo = place;
  return place;
}

export function knownSlotOf(memory: Memory, target: Target): SeriesSlot | undefined {
  return targetPlaceOf(memory, target)?.slot;
}

export function admittedPlaceOf(memory: Memory, target: Target): TargetPlace {
  const place = targetPlaceOf(memory, target);
  if (place === undefined)
    throw new Error(`no series for ${target.entry.name}: it must be admitted before the batch is built`);
  return place;
}

export function sourceOf(memory: Memory, claim: SourceClaim): SourceSlot {
  const { memo } = claim;
  if (memo instanceof SourceSlot && memo.isLive) return memo;
  const slot = sourceSlot(memory, claim.holder, claim.metricName);
  slot.rankOf = claim.rankOf;
  claim.memo = slot;
  return slot;
}
