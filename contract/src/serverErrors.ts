/**
 * Whether a series of `kaiku_http_errors_total` counts in the error rate: 5xx, or an error without a code (a span with status ERROR). 4xx never do, and
 * what exceeded the label budget is not known to be either (contract.md §4).
 */
export function countsServerErrors(labels: Readonly<Record<string, string | boolean>>): boolean {
  const code = String(labels['http.response.status_code'] ?? '');
  return code === '' ? labels['otel.metric.overflow'] !== true : code.startsWith('5');
}
