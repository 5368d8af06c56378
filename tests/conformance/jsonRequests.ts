import { secondsAgo } from './requests.ts';

/** OTLP/JSON by hand, for what no encoder writes. */

export const time = String(secondsAgo(60));
export type Json = Readonly<Record<string, unknown>>;

export const named = (service: string): Json => ({
  attributes: [{ key: 'service.name', value: { stringValue: service } }],
});
/** `records`: objects, or JSON's text where an object cannot say it. */
export const logsJson = (...records: readonly (Json | string)[]): string => {
  const list = records.map((record) => (typeof record === 'string' ? record : JSON.stringify(record)));
  return `{"resourceLogs":[{"resource":${JSON.stringify(named('json'))},"scopeLogs":[{"logRecords":[${list.join()}]}]}]}`;
};
export const spansJson = (...spans: readonly Json[]): Json => ({
  resourceSpans: [{ resource: named('json'), scopeSpans: [{ spans }] }],
});
/** A stream of its own for each `service`: what is known of one outlives the emptying of the tables. */
export const gaugeJson = (service: string, ...points: readonly Json[]): Json => ({
  resourceMetrics: [
    {
      resource: named(service),
      scopeMetrics: [{ metrics: [{ name: 'process.uptime', unit: 's', gauge: { dataPoints: points } }] }],
    },
  ],
});
export const log = { timeUnixNano: time, severityNumber: 17, body: { stringValue: 'failed' } };
export const span = {
  traceId: '5b8efff798038103d269b633813fc60c',
  spanId: 'eee19b7ec3c1b174',
  kind: 2,
  startTimeUnixNano: time,
  endTimeUnixNano: time,
};
