import { z } from 'zod';
import { logItem, traceItem } from './lists.ts';
import { timestamp } from './primitives.ts';
import { trendPoint, trendSeries } from './trends.ts';

export const exportType = z.enum(['logs', 'traces', 'metrics']);
export type ExportType = z.infer<typeof exportType>;

export const exportFormat = z.enum(['csv', 'json']);
export type ExportFormat = z.infer<typeof exportFormat>;

/** A window of a series, flat: of which series it is stands in every row. */
export const metricRow = trendSeries
  .pick({ metric_name: true, unit: true, labels: true, resolution: true })
  .extend(trendPoint.shape);
export type MetricRow = z.infer<typeof metricRow>;

/** The rows of each type. Their members, in this order, are the columns of the CSV. */
export const exportRow = { logs: logItem, traces: traceItem, metrics: metricRow } as const;

const head = { from: timestamp, to: timestamp, truncated: z.boolean() };

/** `GET /export?format=json`. `truncated`: there are more rows than an export holds. */
export const exportDocument = z.discriminatedUnion('type', [
  z.object({ type: z.literal('logs'), ...head, rows: z.array(exportRow.logs) }),
  z.object({ type: z.literal('traces'), ...head, rows: z.array(exportRow.traces) }),
  z.object({ type: z.literal('metrics'), ...head, rows: z.array(exportRow.metrics) }),
]);
export type ExportDocument = z.infer<typeof exportDocument>;

/** `POST /export`: where the file lies. */
export const exportLink = z.object({ url: z.url(), expires_at: timestamp, rows: z.int(), truncated: z.boolean() });
export type ExportLink = z.infer<typeof exportLink>;
