import { hourOf } from '@command-center/drizzle/trends/columns';
import type { TimeWindow } from '../requests/window.ts';

/** Where the numbers of a whole range are read from; pure. */

/** Roll-ups; `isOnlyPacked`: those alone whose hours lie packed. */
export interface RollupSource extends TimeWindow {
  readonly kind: 'rollups';
  readonly resolution: '1h' | '1d';
  readonly isOnlyPacked: boolean;
}

/** Minutes, open and closed ones; `isPacked`: packed ones too. */
export interface MinuteSource extends TimeWindow {
  readonly kind: 'minutes';
  readonly isPacked: boolean;
}

export type Source = RollupSource | MinuteSource;

/** How far the leader has come, and when it was asked. */
export interface Progress {
  /** Hours before this one are rolled up, unless they changed since. */
  readonly nextHourMs: number;
  /** Starts of hours that changed since they were rolled up, ascending. */
  readonly changedMs: readonly number[];
  /** No hour from here on is packed. */
  readonly unpackedFromMs: number;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** Runs of changed hours read one by one; the planner takes a millisecond for some ten of them. */
const MAX_CHANGED_RUNS = 12;

/**
 * What to add up for the window: whole days and hours that are rolled up, and the minutes of the others. An hour that changed since counts as not rolled
 * up; where it lies packed its roll-up holds exactly what is packed of it, and its minutes are what came later (docs/adr/0010).
 */
export function sourcesOf(window: TimeWindow, progress: Progress): readonly Source[] {
  const head = Math.ceil(window.fromMs / hourMs) * hourMs;
  const tail = hourOf(window.toMs);
  if (head > tail) return minutesOf(window, progress);
  const loose = looseRuns({ fromMs: head, toMs: tail }, progress);
  const sources: Source[] = [];
  let at = head;
  for (const run of loose) {
    sources.push(...rolledUp({ fromMs: at, toMs: run.fromMs }));
    if (run.fromMs < progress.unpackedFromMs)
      sources.push({ kind: 'rollups', resolution: '1h', isOnlyPacked: true, ...run });
    at = run.toMs;
  }
  sources.push(...rolledUp({ fromMs: at, toMs: tail }));
  return [
    ...sources,
    ...joined([
      ...minutesOf({ fromMs: window.fromMs, toMs: head }, progress),
      ...loose.map((run): MinuteSource => ({ kind: 'minutes', isPacked: false, ...run })),
      ...minutesOf({ fromMs: tail, toMs: window.toMs }, progress),
    ]),
  ];
}

/** Hours within the window that roll-ups alone do not tell. */
function looseRuns({ fromMs, toMs }: TimeWindow, { nextHourMs, changedMs }: Progress): readonly TimeWindow[] {
  const settledTo = Math.min(Math.max(nextHourMs, fromMs), toMs);
  const changed = changedMs.filter((ms) => ms >= fromMs && ms < settledTo);
  const runs: TimeWindow[] = [];
  for (const ms of changed) {
    const last = runs.at(-1);
    if (last?.toMs === ms) runs[runs.length - 1] = { fromMs: last.fromMs, toMs: ms + hourMs };
    else runs.push({ fromMs: ms, toMs: ms + hourMs });
  }
  const [first] = runs;
  // Anything may be read as if it had changed.
  if (first !== undefined && runs.length > MAX_CHANGED_RUNS) return [{ fromMs: first.fromMs, toMs }];
  return settledTo < toMs ? [...runs, { fromMs: settledTo, toMs }] : runs;
}

/** Hours that are rolled up as they are, whole UTC days of them as days. */
function rolledUp({ fromMs, toMs }: TimeWindow): readonly Source[] {
  const of = (resolution: '1h' | '1d', from: number, to: number): readonly Source[] =>
    from < to ? [{ kind: 'rollups', resolution, isOnlyPacked: false, fromMs: from, toMs: to }] : [];
  const firstDay = Math.ceil(fromMs / dayMs) * dayMs;
  const lastDay = Math.floor(toMs / dayMs) * dayMs;
  if (firstDay >= lastDay) return of('1h', fromMs, toMs);
  return [...of('1h', fromMs, firstDay), ...of('1d', firstDay, lastDay), ...of('1h', lastDay, toMs)];
}

/** A part of one hour. */
function minutesOf({ fromMs, toMs }: TimeWindow, { unpackedFromMs }: Progress): readonly MinuteSource[] {
  return fromMs < toMs ? [{ kind: 'minutes', isPacked: hourOf(fromMs) < unpackedFromMs, fromMs, toMs }] : [];
}

/** Neighbours as one. */
function joined(sources: readonly MinuteSource[]): readonly MinuteSource[] {
  const runs: MinuteSource[] = [];
  for (const source of sources) {
    const last = runs.at(-1);
    if (last !== undefined && last.toMs === source.fromMs && last.isPacked === source.isPacked)
      runs[runs.length - 1] = { ...last, toMs: source.toMs };
    else runs.push(source);
  }
  return runs;
}
