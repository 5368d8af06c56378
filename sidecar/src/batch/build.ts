import { step as stepOf } from '../aggregate/machines.ts';
import { minuteOf } from '../aggregate/minutes.ts';
import { type Increment, isUnrecorded } from '../aggregate/step.ts';
import { applyIncrement } from '../aggregate/window.ts';
import type { CuratedPoint, Target } from '../curate/curated.ts';
import type { CuratedRequest } from './curateRequest.ts';
import { increase } from './curateRequest.ts';
import { Draft } from './draft.ts';
import { type Memory, type SeriesSlot, windowKey } from './memory.ts';
import { holderOf, observe } from './sources.ts';

/** Streams of one metric and sender (design §5): one runaway attribute must not starve the others. */
const MAX_STREAMS_PER_FAMILY = 2_000;

/** A batch ready to be written, and what to tell each sender. */
export interface Built {
  readonly draft: Draft;
  /** Records rejected for good, by reason, one map a request. */
  readonly rejected: readonly ReadonlyMap<string, number>[];
}

/** Computes the batch's effect beside the committed state. Pure: everything it reads was loaded before, and memory is not touched. */
export function buildBatch(memory: Memory, requests: readonly CuratedRequest[], checked: ReadonlySet<number>): Built {
  const draft = new Draft(memory, checked);
  const rejected = requests.map((request) => {
    const counts = new Map(request.rejected);
    draft.tally.addAll(request.tally);
    draft.logs.push(...request.logs);
    draft.spans.push(...request.spans);
    for (const point of request.points) {
      const reason = addPoint(memory, draft, point);
      if (reason !== undefined) increase(counts, reason);
    }
    return counts;
  });
  return { draft, rejected };
}

/** Puts one point through its stream's state and its increments into the windows; returns why it was rejected, if it was. */
function addPoint(memory: Memory, draft: Draft, curated: CuratedPoint): string | undefined {
  const { point, service, owner, stream } = curated;
  const name = point.metric.name;
  const leaf = draft.leaf(owner, stream);
  const entry = leaf?.streams.get(stream);
  const isMarker = isUnrecorded(point);
  const isNew = entry === undefined && curated.streamKind !== 'none' && !isMarker;
  if (isNew && draft.streamCount(owner) >= MAX_STREAMS_PER_FAMILY) {
    draft.tally.add('metrics', service, 'refused', 'stream_limit', name);
    return 'stream_limit';
  }
  const context = { firstTimeUnixNano: leaf?.firstTime, factor: curated.factor, isSigned: curated.isSigned };
  const step = stepOf(curated.streamKind, entry, point, context);
  if (step.outcome.type === 'rejected') {
    draft.tally.add('metrics', service, 'refused', step.outcome.reason, name);
    return step.outcome.reason;
  }
  if (step.state !== undefined && step.state !== entry) draft.setStream(owner, stream, step.state, point.timeUnixNano);
  // A marker says that a stream ended: its source is heard no more.
  const targets = isMarker ? [] : curated.targets;
  const isHeld = targets.map((target) => addToTarget(memory, draft, curated, target, step.increments));
  if (step.outcome.type === 'noted') draft.tally.add('metrics', service, 'noted', step.outcome.reason, name);
  if (step.increments.length === 0) return undefined;
  if (isHeld.includes(true)) draft.tally.add('metrics', service, 'stored', '', name);
  else draft.tally.add('metrics', service, 'dropped', 'other_source', name);
  return undefined;
}

/** Whether anything went in: an increase is stored only in minutes that the target's source holds. */
function addToTarget(
  memory: Memory,
  draft: Draft,
  { point, service }: CuratedPoint,
  target: Target,
  increments: readonly Increment[],
): boolean {
  for (const claim of target.claims) {
    const key = `${claim.holder}\n${claim.metricName}`;
    const before = draft.sourceHistory(key);
    const after = observe(before, { ...claim, timeMs: minuteOf(point.timeUnixNano) }, claim.rankOf);
    if (after !== before) draft.sources.set(key, after);
  }
  const slot = memory.series.get(seriesKey(target));
  if (slot === undefined)
    throw new Error(`no series for ${target.entry.name}: it must be admitted before the batch is built`);
  let isHeld = false;
  for (const increment of increments) {
    if (!holds(draft, target, increment.minuteMs)) continue;
    isHeld = true;
    const key = windowKey(seriesIdAt(slot, increment.minuteMs), increment.minuteMs);
    draft.windows.set(key, applyIncrement(draft.window(key), increment, target.entry, target.field));
  }
  if (isHeld && slot.isOverflow) draft.tally.add('metrics', service, 'noted', 'label_budget', target.entry.name);
  return isHeld;
}

function holds(draft: Draft, target: Target, minuteMs: number): boolean {
  return target.claims.every(
    (claim) => holderOf(draft.sourceHistory(`${claim.holder}\n${claim.metricName}`), minuteMs) === claim.source,
  );
}

/** The key of a target's slot in memory. */
export function seriesKey(target: Target): string {
  return `${target.entry.name} ${target.labelsKey}`;
}

function seriesIdAt(slot: SeriesSlot, minuteMs: number): number {
  return minuteMs < slot.fromMinuteMs && slot.overflowId !== null ? slot.overflowId : slot.id;
}
