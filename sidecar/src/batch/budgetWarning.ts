const HOUR_MS = 3_600_000;

/**
 * Says that the label budget of a metric is spent (contract.md §1, "Budget"): once a metric and hour, however many label sets are over it.
 * Names are those of the contract, so what is remembered is bounded by it.
 */
export function createBudgetWarning(
  log: (event: string, fields: Readonly<Record<string, unknown>>) => void,
  maxSeriesPerMetric: number,
): (metricName: string, nowMs: number) => void {
  const toldHours = new Map<string, number>();
  return (metricName, nowMs) => {
    const hour = Math.floor(nowMs / HOUR_MS);
    if (toldHours.get(metricName) === hour) return;
    toldHours.set(metricName, hour);
    log('label budget reached: further label sets go into the overflow series of the metric', {
      metric: metricName,
      max_series: maxSeriesPerMetric,
      remedy: 'drop the attribute that runs away in a view, or raise COMMAND_CENTER_MAX_SERIES_PER_METRIC',
    });
  };
}
