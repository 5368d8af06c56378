import { type RangeName, rangeName } from '@command-center/contract/api/primitives';
import { retentionMs } from '@command-center/contract/retention';

/** What the page is about in time: a range up to now, or two fixed instants (ms since the epoch). */
export type TimeChoice =
  | { readonly type: 'range'; readonly range: RangeName }
  | { readonly type: 'custom'; readonly fromMs: number; readonly toMs: number };

const hourMs = 3_600_000;

const rangeMs: Readonly<Record<RangeName, number>> = {
  '1h': hourMs,
  '6h': 6 * hourMs,
  '24h': 24 * hourMs,
  '7d': 7 * 24 * hourMs,
  '30d': retentionMs,
};

/** interfaces.md §1: the API's own default. */
export const defaultTime: TimeChoice = { type: 'range', range: '24h' };

/** The longest span the API answers (interfaces.md §1). */
const longestMs = retentionMs;
const latestMs = 253_402_300_799_999;

/** Reads `range`, or `from` and `to` (RFC 3339 or ms); what no API call could ask for becomes the default. */
export function readTime(parameters: URLSearchParams): TimeChoice {
  const range = rangeName.safeParse(parameters.get('range'));
  if (range.success) return { type: 'range', range: range.data };
  const fromMs = instantOf(parameters.get('from'));
  const toMs = instantOf(parameters.get('to'));
  return fromMs === null || toMs === null ? defaultTime : (customTime(fromMs, toMs) ?? defaultTime);
}

/** Null where the two do not make a span that the API answers. */
export function customTime(fromMs: number, toMs: number): TimeChoice | null {
  return toMs > fromMs && toMs - fromMs <= longestMs ? { type: 'custom', fromMs, toMs } : null;
}

function instantOf(text: string | null): number | null {
  if (text === null) return null;
  const ms = /^\d{1,15}$/.test(text) ? Number(text) : Date.parse(text);
  return Number.isFinite(ms) && ms >= 0 && ms <= latestMs ? ms : null;
}

/** The parameters of API and page alike. */
export function timeParameters(time: TimeChoice): Record<string, string> {
  return time.type === 'range'
    ? { range: time.range }
    : { from: new Date(time.fromMs).toISOString(), to: new Date(time.toMs).toISOString() };
}

export function windowOf(time: TimeChoice, nowMs: number): { readonly fromMs: number; readonly toMs: number } {
  return time.type === 'range'
    ? { fromMs: nowMs - rangeMs[time.range], toMs: nowMs }
    : { fromMs: time.fromMs, toMs: time.toMs };
}

/** Half a window earlier (-1) or later (1). */
export function shifted(time: TimeChoice, direction: -1 | 1, nowMs: number): TimeChoice {
  const { fromMs, toMs } = windowOf(time, nowMs);
  return movedBy(time, (direction * (toMs - fromMs)) / 2, nowMs);
}

/** Of a range: what ends so near to now is meant to end now, for a clock goes on while somebody moves. */
const nearNow = 0.01;

/** Later by `ms`, negative = earlier; what ends now or later is the range up to now again where there is one of that length. */
export function movedBy(time: TimeChoice, ms: number, nowMs: number): TimeChoice {
  const { fromMs, toMs } = windowOf(time, nowMs);
  const lengthMs = toMs - fromMs;
  const end = toMs + ms;
  if (end < nowMs - lengthMs * nearNow)
    return { type: 'custom', fromMs: Math.round(end - lengthMs), toMs: Math.round(end) };
  const named = rangeName.options.find((name) => rangeMs[name] === lengthMs);
  if (named !== undefined) return { type: 'range', range: named };
  return { type: 'custom', fromMs: Math.round(nowMs - lengthMs), toMs: Math.round(nowMs) };
}
