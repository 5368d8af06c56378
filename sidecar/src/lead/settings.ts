import type { ContractFile } from '@command-center/contract/contractFile/schema';
import type { SettingKey } from '@command-center/contract/settings/rows';
import type { Settings } from '@command-center/contract/settings/settings';

/** What the leader's thread needs of the settings; plain data, and no secret: of addresses to probe only whether they are set. */
export interface LeaderSettings {
  readonly thresholds: Settings['thresholds'];
  readonly processMemoryLimitBytes: number | undefined;
  readonly primaryService: string | undefined;
  readonly collectorEndpoint: string | undefined;
  readonly auditRetentionDays: number;
  readonly given: readonly SettingKey[];
}

export function leaderSettings(settings: Settings): LeaderSettings {
  const { thresholds, processMemoryLimitBytes, primaryService, collectorEndpoint, auditRetentionDays, given } =
    settings;
  return {
    thresholds,
    processMemoryLimitBytes,
    primaryService,
    collectorEndpoint,
    auditRetentionDays,
    given: [...given],
  };
}

export interface LeaderData {
  readonly databaseUrl: string;
  readonly settings: LeaderSettings;
  readonly contractFile: ContractFile;
}

/** What the thread tells its parent. */
export interface LeaderMessage {
  readonly event: string;
  readonly fields: Readonly<Record<string, unknown>>;
}
