import type { TraceItem } from '@command-center/contract/api/lists';
import { timeParameters } from '../../state/timeChoice.ts';
import { changed, queryOf, tracesOf, type View } from '../../state/view.ts';
import { visible } from '../../ui/visible.ts';

const pageRows = 50;

/** What chooses spans: the filters and the time of a view. */
export function traceFilters(view: View): Record<string, string> {
  return {
    status: view.status,
    domain: view.domain,
    route: view.route,
    duration_min: view.durationMin,
    trace_id: view.traceId,
    ...timeParameters(view.time),
  };
}

/** The parameters of `/traces` for a view. */
export function traceParameters(view: View): Record<string, string> {
  return { ...traceFilters(view), cursor: view.cursor, limit: String(pageRows) };
}

/** The filters in words, that by trace id apart; '' without any. */
export function filterText(view: View): string {
  const parts = [
    view.status === '' ? '' : `status ${view.status}`,
    view.domain === '' ? '' : `domain ${view.domain}`,
    view.route === '' ? '' : `route ${view.route}`,
    view.durationMin === '' ? '' : `${view.durationMin} ms or more`,
  ];
  return visible(parts.filter((part) => part !== '').join(', '));
}

const lastHour = { type: 'range', range: '1h' } as const;

/** What is looked for most, each with nothing else chosen. */
export const quickViews = [
  { name: 'Recent errors', to: tracesOf({ status: 'error', time: lastHour }) },
  { name: 'Recent slow', to: tracesOf({ status: 'slow', time: lastHour }) },
] as const;

/** Whether a link leads to where the page is. */
export function isHere(view: View, to: Partial<View>): boolean {
  return queryOf(changed(view, { ...to, cursor: '', row: '' })) === queryOf({ ...view, cursor: '', row: '' });
}

/** The id of a row: span ids are unique only in their trace. */
export function rowId({ trace_id, span_id }: TraceItem): string {
  return `${trace_id}-${span_id}`;
}

/** How a span ended, in words: `error 503`, `200`, `no error` where its sender said nothing. */
export function statusText({ status_code: code, is_error: isError }: TraceItem): string {
  if (!isError) return code ?? 'no error';
  return code === null || code === 'ERROR' ? 'error' : `error ${code}`;
}

/** What a page of the spans of one trace says of it. */
export interface TraceFacts {
  /** `12 spans`, `50 spans or more`. */
  readonly spans: string;
  /** `2 services` */
  readonly services: string;
  readonly isSampled: boolean;
  readonly fromMs: number;
  /** From the first start to the last end. */
  readonly durationMs: number;
}

/** Of spans, at least one; `isCut`: there are more. */
export function factsOf(items: readonly TraceItem[], isCut: boolean): TraceFacts {
  const starts = items.map(({ ts }) => Date.parse(ts));
  const ends = items.map(({ ts, duration_ms }) => Date.parse(ts) + duration_ms);
  const fromMs = Math.min(...starts);
  const services = new Set(items.map(({ service }) => service)).size;
  return {
    spans: `${items.length} ${items.length === 1 ? 'span' : 'spans'}${isCut ? ' or more' : ''}`,
    services: `${services} ${services === 1 ? 'service' : 'services'}`,
    isSampled: items.some(({ sampled }) => sampled),
    fromMs,
    durationMs: Math.max(...ends) - fromMs,
  };
}
