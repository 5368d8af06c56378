import { timeParameters } from '../../state/timeChoice.ts';
import type { View } from '../../state/view.ts';
import { visible } from '../../ui/visible.ts';

const pageRows = 50;

/** What chooses log records: the filters and the time of a view. */
export function logFilters(view: View): Record<string, string> {
  return {
    level: view.level,
    domain: view.domain,
    service: view.service,
    search: view.search,
    trace_id: view.traceId,
    ...timeParameters(view.time),
  };
}

/** The parameters of `/logs` for a view. */
export function logParameters(view: View): Record<string, string> {
  return {
    ...logFilters(view),
    group: view.isGrouped ? '1' : '',
    cursor: view.cursor,
    limit: String(pageRows),
  };
}

/** The filters in words, for the line that says what is not found. */
export function filterText(view: View): string {
  const parts = [
    view.level === '' ? '' : `level ${view.level}`,
    view.service === '' ? '' : `service ${view.service}`,
    view.domain === '' ? '' : `domain ${view.domain}`,
    view.search === '' ? '' : `“${view.search}”`,
    view.traceId === '' ? '' : `trace ${view.traceId}`,
  ];
  return visible(parts.filter((part) => part !== '').join(', '));
}

/** Text as a trace id where it is one, so that one field takes both. */
export function searchChange(text: string): Pick<View, 'search' | 'traceId'> {
  const trimmed = text.trim().slice(0, 200);
  return /^[0-9a-f]{32}$/i.test(trimmed)
    ? { search: '', traceId: trimmed.toLowerCase() }
    : { search: trimmed, traceId: '' };
}
