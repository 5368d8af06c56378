import { step as stepOf } from '../aggregate/machines.ts';
import { minuteOf } from '../aggregate/minutes.ts';
import { type Increment, isUnrecorded } from '../aggregate/step.ts';
import type { CuratedPoints, CuratedStream, Target } from '../curate/curated.ts';
import { ROW_WIDTH, TIME_MS } from '../decode/pointTable.ts';
import type { CuratedRequest } from './curateRequest.ts';
import { increase } from './curateRequest.ts';
import { Draft } from './draft.ts';
import { addUsualPoint } from './fastLane.ts';
import { holdsMinute, observePoint } from './holding.ts';
import type { Memory } from './memory.ts';
import { admittedPlaceOf } from './places.ts';

/** Streams of one metric and sender (design §5): one runaway attribute must not starve the others. */
export const MAX_STREAMS_PER_FAMILY = 2_000;
/** Metrics with too many streams that one answer names: an error message ends at 1 KiB. */
const MAX_RUNAWAYS_NAMED = 3;

/** A batch ready to be written, and what to tell each sender. */
export interface Built {
  readonly draft: Draft;
  /** Records rejected for good, by reason, one map a request. */
  readonly rejected: readonly ReadonlyMap<string, number>[];
  /** Time of the newest record in it; -Infinity = there is none. */
  readonly newestMs: number;
  /** Metric and sender of what was rejected for too many streams, likewise. */
  readonly runaways: readonly ReadonlySet<string>[];
}

/** Computes the batch's effect beside the committed state. Pure: everything it reads was loaded before, and the committed state is not touched. */
export function buildBatch(
  memory: Memory,
  requests: readonly CuratedRequest[],
  checked: ReadonlySet<number>,
  lateBeforeMs: number,
): Built {
  const draft = new Draft(memory, checked, lateBeforeMs);
  let newestMs = Number.NEGATIVE_INFINITY;
  const runaways: Set<string>[] = [];
  const rejected = requests.map((request) => {
    const counts = new Map(request.rejected);
    draft.tally.addAll(request.tally);
    for (const log of request.logs) draft.logs.push(log);
    for (const span of request.spans) draft.spans.push(span);
    for (const row of request.logs) newestMs = Math.max(newestMs, row.log.tsMs);
    for (const span of request.spans) newestMs = Math.max(newestMs, span.tsMs);
    const named = new Set<string>();
    runaways.push(named);
    newestMs = Math.max(newestMs, addPoints(memory, draft, request.points, counts, named));
    return counts;
  });
  draft.points.addTo(draft.tally);
  return { draft, rejected, newestMs, runaways };
}

/** Returns the time of the newest point that was not rejected. */
function addPoints(
  memory: Memory,
  draft: Draft,
  { table, streams }: CuratedPoints,
  rejected: Map<string, number>,
  runaways: Set<string>,
): number {
  let newestMs = Number.NEGATIVE_INFINITY;
  for (let row = 0; row < streams.length; row += 1) {
    const stream = streams[row];
    if (stream === undefined) continue;
    draft.points.of(stream.subject).received += 1;
    const reason = addUsualPoint(memory, draft, stream, table, row)
      ? undefined
      : addPoint(memory, draft, stream, table, row);
    if (reason === undefined) newestMs = Math.max(newestMs, table.numbers[row * ROW_WIDTH + TIME_MS] ?? 0);
    else increase(rejected, reason);
    if (reason === 'stream_limit' && runaways.size < MAX_RUNAWAYS_NAMED)
      runaways.add(`${stream.subject.name} of ${stream.subject.service}`);
  }
  return newestMs;
}

/** Puts one point through its stream's state and its increments into the windows; returns why it was rejected, if it was. */
function addPoint(
  memory: Memory,
  draft: Draft,
  curated: CuratedStream,
  table: CuratedPoints['table'],
  row: number,
): string | undefined {
  const { owner, stream, streamKind } = curated;
  const { service, name } = curated.subject;
  const point = table.content(row);
  const slot = draft.leaf(owner, stream);
  const node = slot === undefined ? undefined : draft.nodeOf(slot);
  const entry = streamKind === 'none' ? undefined : node?.streams.get(stream);
  const isMarker = isUnrecorded(point);
  const isNew = entry === undefined && streamKind !== 'none' && !isMarker;
  if (isNew && draft.streamCount(owner) >= MAX_STREAMS_PER_FAMILY) {
    draft.tally.add('metrics', service, 'refused', 'stream_limit', name);
    return 'stream_limit';
  }
  const context = { firstTimeUnixNano: node?.firstTime, factor: curated.factor, isSigned: curated.isSigned };
  const step = stepOf(streamKind, entry, point, context);
  if (step.outcome.type === 'rejected') {
    draft.tally.add('metrics', service, 'refused', step.outcome.reason, name);
    return step.outcome.reason;
  }
  if (step.state !== undefined && step.state !== entry) draft.setStream(owner, stream, step.state, point.timeUnixNano);
  const minuteMs = minuteOf(point.timeUnixNano);
  // A marker says that a stream ended: its source is heard no more.
  const targets = isMarker ? [] : curated.targets;
  let isHeld = false;
  for (const target of targets)
    if (addToTarget(memory, draft, service, target, step.increments, minuteMs)) isHeld = true;
  if (step.outcome.type === 'noted') draft.tally.add('metrics', service, 'noted', step.outcome.reason, name);
  if (step.increments.length === 0) return undefined;
  const counts = draft.points.of(curated.subject);
  if (isHeld) counts.stored += 1;
  else counts.rivalled += 1;
  return undefined;
}

/** Whether anything went in: an increase is stored only in minutes that the target's source holds. */
function addToTarget(
  memory: Memory,
  draft: Draft,
  service: string,
  target: Target,
  increments: readonly Increment[],
  minuteMs: number,
): boolean {
  observePoint(memory, draft, target.claims, minuteMs);
  const { slot } = admittedPlaceOf(memory, target);
  let isHeld = false;
  for (const increment of increments) {
    if (!holdsMinute(memory, draft, target.claims, increment.minuteMs)) continue;
    isHeld = true;
    draft.cell(slot, increment.minuteMs).apply(increment, target.entry, target.field);
  }
  if (isHeld && slot.isOverflow) draft.tally.add('metrics', service, 'noted', 'label_budget', target.entry.name);
  return isHeld;
}
