import { isSameBounds } from '../aggregate/rowLayout.ts';
import { added, minuteOfRow, stepGaugeRow, stepHistogramRow, stepNumberRow } from '../aggregate/rowSteps.ts';
import type { CuratedStream } from '../curate/curated.ts';
import { HISTOGRAM_ROW, NUMBER_ROW, type PointTable, ROW_WIDTH, TIME_MS, VALUE } from '../decode/pointTable.ts';
import type { Draft } from './draft.ts';
import { observedAndHeld } from './holding.ts';
import type { Memory } from './memory.ts';
import { admittedPlaceOf, placeOf } from './places.ts';

/**
 * The usual point of a known stream: its state is a row, its step is the usual one, and what it adds goes to one minute. False where it is not;
 * then nothing has changed. What it saves: docs/adr/0008-known-points-cost-no-objects.md.
 */
export function addUsualPoint(
  memory: Memory,
  draft: Draft,
  stream: CuratedStream,
  table: PointTable,
  row: number,
): boolean {
  const type = table.typeOf(row);
  const isUsual =
    type === NUMBER_ROW
      ? stream.streamKind === 'none' || stepsNumber(draft, stream, table, row)
      : type === HISTOGRAM_ROW && stepsHistogram(draft, stream, table, row);
  if (!isUsual) return false;
  const { numbers } = table;
  const from = row * ROW_WIDTH;
  const timeMs = numbers[from + TIME_MS] ?? 0;
  const minuteMs = minuteOfRow(numbers, from);
  let isHeld = false;
  for (const target of stream.targets) {
    if (!observedAndHeld(memory, draft, target, minuteMs)) continue;
    isHeld = true;
    const { slot } = admittedPlaceOf(memory, target);
    if (slot.isOverflow) draft.tally.add('metrics', stream.subject.service, 'noted', 'label_budget', target.entry.name);
    const cell = draft.cell(slot, minuteMs);
    if (target.entry.kind === 'counter')
      cell.addIncrease(type === NUMBER_ROW ? added.value * stream.factor : added.value);
    else if (target.entry.kind === 'histogram')
      cell.addBuckets(added.value, added.sum * stream.factor, table.boundsOf(row), stream, added.buckets);
    else if (stream.streamKind === 'additiveGauge' && target.entry.merge === 'sum')
      cell.addContribution(added.value * stream.factor, timeMs - minuteMs);
    else cell.addReading((numbers[from + VALUE] ?? 0) * stream.factor, timeMs - minuteMs);
  }
  const counts = draft.points.of(stream.subject);
  if (isHeld) counts.stored += 1;
  else counts.rivalled += 1;
  return true;
}

function stepsNumber(draft: Draft, stream: CuratedStream, table: PointTable, row: number): boolean {
  const { streamKind } = stream;
  if (streamKind !== 'cumulativeNumber' && streamKind !== 'additiveGauge') return false;
  const place = placeOf(draft, stream);
  if (place === undefined || draft.nodeOf(place.slot).streams.layout?.kind !== streamKind) return false;
  const { rows } = draft.open(place.slot).streams;
  const from = row * ROW_WIDTH;
  return streamKind === 'additiveGauge'
    ? stepGaugeRow(rows, place.at, table.numbers, from)
    : stepNumberRow(rows, place.at, table.numbers, from);
}

function stepsHistogram(draft: Draft, stream: CuratedStream, table: PointTable, row: number): boolean {
  if (stream.streamKind !== 'cumulativeHistogram') return false;
  const place = placeOf(draft, stream);
  if (place === undefined) return false;
  const { layout } = draft.nodeOf(place.slot).streams;
  if (layout?.kind !== 'cumulativeHistogram') return false;
  const bounds = table.boundsOf(row);
  if (layout.bounds !== bounds && !isSameBounds(layout.bounds, bounds)) return false;
  const { streams } = draft.open(place.slot);
  // The next point's bounds are the same array as this one's.
  if (layout.bounds !== bounds) streams.layout = { ...layout, bounds };
  return stepHistogramRow(streams.rows, place.at, table.numbers, row * ROW_WIDTH, table.counts);
}
