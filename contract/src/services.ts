import type { SettingKey } from './settings/rows.ts';
import type { ThresholdName } from './thresholds.ts';

/** What is sent to a service: GET, SELECT 1, PING or HeadBucket. */
export type ProbeKind = 'http' | 'postgres' | 'valkey' | 's3';

/** What a service must show to be healthy; all of its conditions hold. A failed probe = down, a red or silent metric = degraded. */
export type HealthCondition =
  /** A request to the service itself. `isOptional`: without its setting the other conditions decide alone. */
  | {
      readonly type: 'probe';
      readonly probe: ProbeKind;
      /** The setting that says where; unset and not optional = unconfigured. */
      readonly setting: SettingKey;
      readonly isOptional: boolean;
      /** Of `http`: the address in place of the setting, for a service of the contract file; without user, password and query. */
      readonly url?: string;
    }
  /** The metric has a datum newer than `silenceMs` (retention.ts). */
  | { readonly type: 'fresh'; readonly metric: string }
  /** `metric` rises while the gauge `whileAbove` is above zero. */
  | { readonly type: 'moving'; readonly metric: string; readonly whileAbove: string }
  /** The gauge is above zero, where it is known at all. */
  | { readonly type: 'aboveZero'; readonly metric: string; readonly labels: Readonly<Record<string, string>> }
  /** Not red. */
  | { readonly type: 'threshold'; readonly threshold: ThresholdName }
  /** Telemetry of any kind newer than `silenceMs`. */
  | { readonly type: 'anyTelemetry' };

export type ProbeCondition = Extract<HealthCondition, { readonly type: 'probe' }>;

/** What a probe's answer is known by: conditions with the same target are probed once. */
export function probeTarget({ probe, url }: ProbeCondition): string {
  return url ?? probe;
}

export interface ServiceDefinition {
  readonly id: string;
  readonly name: string;
  /** In words, for documents and tooltips. */
  readonly healthyWhen: string;
  readonly conditions: readonly HealthCondition[];
}

/** Two probes in a row make a change, so nothing flaps (contract.md §6). */
export const probePolicy = { intervalMs: 5_000, timeoutMs: 2_000, probesForChange: 2 } as const;

/** The seven services of contract.md §6, in the order of the matrix. */
export const services: readonly ServiceDefinition[] = [
  {
    id: 'http_api',
    name: 'HTTP API',
    healthyWhen: 'its probe answers 2xx (if set), and requests were reported within 3 min',
    conditions: [
      { type: 'probe', probe: 'http', setting: 'probeHttpUrl', isOptional: true },
      { type: 'fresh', metric: 'kaiku_http_requests_total' },
    ],
  },
  {
    id: 'websocket_hub',
    name: 'WebSocket Hub',
    healthyWhen: 'its connections were reported within 3 min',
    conditions: [{ type: 'fresh', metric: 'kaiku_ws_connections_active' }],
  },
  {
    id: 'voice_sfu',
    name: 'Voice SFU',
    healthyWhen: 'its rooms were reported within 3 min, and packets flow while there are sessions',
    conditions: [
      { type: 'fresh', metric: 'kaiku_voice_rooms_active' },
      {
        type: 'moving',
        metric: 'kaiku_voice_rtp_packets_forwarded_total',
        whileAbove: 'kaiku_voice_sessions_active',
      },
    ],
  },
  {
    id: 'postgresql',
    name: 'PostgreSQL',
    healthyWhen: 'SELECT 1 answers, and the pool (where it is known) has idle connections',
    conditions: [
      { type: 'probe', probe: 'postgres', setting: 'probePostgresUrl', isOptional: false },
      {
        type: 'aboveZero',
        metric: 'db.client.connection.count',
        labels: { 'db.client.connection.state': 'idle' },
      },
    ],
  },
  {
    id: 'valkey',
    name: 'Valkey',
    healthyWhen: 'PING answers',
    conditions: [{ type: 'probe', probe: 'valkey', setting: 'probeValkeyUrl', isOptional: false }],
  },
  {
    id: 's3',
    name: 'S3',
    healthyWhen: 'the bucket answers HeadBucket',
    conditions: [{ type: 'probe', probe: 's3', setting: 'probeS3Bucket', isOptional: false }],
  },
  {
    id: 'otel_pipeline',
    name: 'OTel Pipeline',
    healthyWhen: 'the export failure rate and the queues are not red, and any telemetry came within 3 min',
    conditions: [
      { type: 'threshold', threshold: 'OTEL_EXPORT_FAILURE' },
      { type: 'threshold', threshold: 'OTEL_QUEUE' },
      { type: 'anyTelemetry' },
    ],
  },
];
