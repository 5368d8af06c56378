import { processRows } from './process.ts';
import type { SettingRow } from './row.ts';
import { telemetryRows } from './telemetry.ts';

/** Every variable but the thresholds, by the name that code uses. */
export const rows = { ...processRows, ...telemetryRows };

type ValueOf<R> = R extends SettingRow<infer T> ? T : never;
export type SettingKey = keyof typeof rows;
export type SettingValues = { readonly [K in SettingKey]: ValueOf<(typeof rows)[K]> };

export const settingKeys = Object.keys(rows) as readonly SettingKey[];
