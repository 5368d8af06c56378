/** The label of the series that takes what exceeds a metric's budget (contract.md §1); its only value is true. */
export const overflowKey = 'otel.metric.overflow';
