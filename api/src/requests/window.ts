import type { RangeName } from '@command-center/contract/api/primitives';
import { retentionDays, retentionMs } from '@command-center/contract/retention';
import type { Refusal } from '../problems.ts';

/** Milliseconds since the epoch; from inclusive, to exclusive. */
export interface TimeWindow {
  readonly fromMs: number;
  readonly toMs: number;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

const rangeMs: Readonly<Record<RangeName, number>> = {
  '1h': hourMs,
  '6h': 6 * hourMs,
  '24h': dayMs,
  '7d': 7 * dayMs,
  '30d': retentionMs,
};

export interface TimeParameters {
  readonly range?: RangeName | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

export type WindowAnswer = { readonly window: TimeWindow } | { readonly refusal: BadParameter };
export type BadParameter = Refusal & { readonly code: 'invalid_parameter'; readonly parameter: string };

/** The window that `range`, or `from` and `to`, ask for. A `from` beyond the 30-day line becomes that line (interfaces.md §1). */
export function windowOf(parameters: TimeParameters, nowMs: number): WindowAnswer {
  const { range, from, to } = parameters;
  if (from === undefined) {
    if (to !== undefined) return bad('from', 'from must be given where to is.');
    return { window: { fromMs: nowMs - rangeMs[range ?? '24h'], toMs: nowMs } };
  }
  if (range !== undefined) return bad('range', 'range cannot be given together with from and to.');
  const toMs = to ?? nowMs;
  if (from >= toMs) return bad('from', 'from must lie before to.');
  if (toMs - from > retentionMs) {
    return bad('from', `from and to must lie at most ${retentionDays} days apart: nothing older is stored.`);
  }
  const fromMs = Math.max(from, nowMs - retentionMs);
  return { window: { fromMs: Math.min(fromMs, toMs), toMs } };
}

/** The window as answers say it. */
export function periodOf({ fromMs, toMs }: TimeWindow): { readonly from: string; readonly to: string } {
  return { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
}

/** A refusal that names the parameter. */
export function badParameter(parameter: string, detail: string): BadParameter {
  return { code: 'invalid_parameter', detail, parameter };
}

function bad(parameter: string, detail: string): WindowAnswer {
  return { refusal: badParameter(parameter, detail) };
}
