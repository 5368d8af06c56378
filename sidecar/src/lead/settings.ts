import type { ContractFile } from '@command-center/contract/contractFile/schema';
import type { Settings } from '@command-center/contract/settings/settings';
import type { ProbeTargets } from './probes/round.ts';

/** What the leader's thread needs of the settings; plain data. Addresses to probe hold secrets: they stay in this process and are never logged. */
export interface LeaderSettings {
  readonly thresholds: Settings['thresholds'];
  readonly processMemoryLimitBytes: number | undefined;
  readonly primaryService: string | undefined;
  readonly collectorEndpoint: string | undefined;
  readonly auditRetentionDays: number;
  readonly probes: ProbeTargets;
}

export function leaderSettings(settings: Settings): LeaderSettings {
  const { thresholds, processMemoryLimitBytes, primaryService, collectorEndpoint, auditRetentionDays } = settings;
  const { probeS3Bucket: bucket, probeS3Endpoint: endpoint, probeS3Region: region } = settings;
  return {
    thresholds,
    processMemoryLimitBytes,
    primaryService,
    collectorEndpoint,
    auditRetentionDays,
    probes: {
      http: settings.probeHttpUrl,
      postgres: settings.probePostgresUrl,
      valkey: settings.probeValkeyUrl,
      s3: bucket === undefined ? undefined : { bucket, endpoint, region },
    },
  };
}

export interface LeaderData {
  readonly databaseUrl: string;
  readonly settings: LeaderSettings;
  readonly contractFile: ContractFile;
}

/** What the thread tells its parent: a line of the log, or a count. */
export type LeaderMessage =
  | { readonly type: 'log'; readonly event: string; readonly fields: Readonly<Record<string, unknown>> }
  | { readonly type: 'count'; readonly key: LeaderCounter; readonly value: number; readonly labels: readonly string[] };

/** The sidecar's own metrics that the leader counts (operate/metricRows.ts). */
export type LeaderCounter =
  | 'leaderRuns'
  | 'leaderTime'
  | 'rolledUpHours'
  | 'packedHours'
  | 'mergedHours'
  | 'purgedRows'
  | 'purgedPartitions'
  | 'freedBytes'
  | 'closedDays';

/** Adds to one of the sidecar's own metrics. */
export type Count = (key: LeaderCounter, value: number, ...labels: readonly string[]) => void;
