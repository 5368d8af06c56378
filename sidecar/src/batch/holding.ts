import type { SourceClaim, Target } from '../curate/curated.ts';
import type { Draft } from './draft.ts';
import type { Memory } from './memory.ts';
import { admittedPlaceOf, sourceOf } from './places.ts';
import { holderOf, observe } from './sources.ts';

const MINUTE_MS = 60_000;

/**
 * Takes notice of a point of the minute and tells whether the target's sources hold it. Asked about the same minute again, a draft whose sources
 * have not changed meanwhile answers alike: points of one target and minute come by the hundred, each with up to two claims.
 */
export function observedAndHeld(memory: Memory, draft: Draft, target: Target, minuteMs: number): boolean {
  if (target.claims.length === 0) return true;
  const place = admittedPlaceOf(memory, target);
  if (place.draft === draft.number && place.minuteMs === minuteMs && place.changes === draft.sourceChanges)
    return place.isHeld;
  observePoint(memory, draft, target.claims, minuteMs);
  place.isHeld = holdsMinute(memory, draft, target.claims, minuteMs);
  place.draft = draft.number;
  place.minuteMs = minuteMs;
  place.changes = draft.sourceChanges;
  return place.isHeld;
}

/** Takes notice of a point of each claim's source. `timeMs`: data time, of the minute that the point belongs to. */
export function observePoint(memory: Memory, draft: Draft, claims: readonly SourceClaim[], timeMs: number): void {
  for (const claim of claims) {
    const slot = sourceOf(memory, claim);
    const before = draft.historyOf(slot);
    const last = before.at(-1);
    // Nothing is new within the minute that is noted already.
    if (last !== undefined && last.source === claim.source && timeMs < last.lastSeenMs + MINUTE_MS) continue;
    const after = observe(before, { ...claim, timeMs }, claim.rankOf);
    if (after !== before) draft.setHistory(slot, after);
  }
}

/** Whether every claim's source holds the minute. */
export function holdsMinute(memory: Memory, draft: Draft, claims: readonly SourceClaim[], minuteMs: number): boolean {
  for (const claim of claims) {
    const history = draft.historyOf(sourceOf(memory, claim));
    const [only] = history;
    const holder = history.length === 1 ? only?.source : holderOf(history, minuteMs);
    if (holder !== claim.source) return false;
  }
  return true;
}
