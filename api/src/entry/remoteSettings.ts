import type { Contract } from '@command-center/contract/contract';
import type { Files } from '@command-center/contract/contractFile/read';
import {
  type Environment,
  readSettings,
  type Settings,
  SettingsError,
} from '@command-center/contract/settings/settings';

export interface RemoteSettings {
  readonly settings: Settings;
  /** Undefined: the built-in one, which those routes load that ask it. */
  readonly contract: Contract | undefined;
  readonly databaseUrl: string;
}

/**
 * The settings of a runtime that starts as many processes as it likes and ends them when it likes. What a single process may make up for itself must
 * be given here, or a session of one would be unknown to the next.
 * @param databaseUrl where the runtime itself knows the database; else COMMAND_CENTER_DATABASE_URL says.
 * @throws SettingsError (rejects)
 */
export async function readRemoteSettings(
  environment: Environment,
  files: Files | undefined,
  databaseUrl?: string | undefined,
): Promise<RemoteSettings> {
  const settings = readSettings(environment);
  const database = databaseUrl ?? settings.databaseUrl;
  const missing = (variable: string, why: string) => ({ variable, shown: '', allowed: `must be set: ${why}` });
  const problems = [
    ...(database === undefined ? [missing('COMMAND_CENTER_DATABASE_URL', 'there is no other database here')] : []),
    ...(settings.sessionSecret === undefined
      ? [missing('COMMAND_CENTER_SESSION_SECRET', 'every process must read the sessions and cursors of the others')]
      : []),
  ];
  if (database === undefined || problems.length > 0) throw new SettingsError(problems);
  return { settings, contract: await contractOf(settings, files), databaseUrl: database };
}

/** What reads a contract file was 25 of the 135 ms of CPU of a cold start on Workers, and most have none. */
async function contractOf(settings: Settings, files: Files | undefined): Promise<Contract | undefined> {
  if (settings.contract === undefined && settings.contractYaml === undefined) return undefined;
  const { readContract } = await import('@command-center/contract/contractFile/read');
  return readContract(settings, files);
}

/** One line of JSON for the runtime's log. */
export function logLine(entry: object): void {
  // biome-ignore lint/suspicious/noConsole: a Worker has no other way to its log.
  console.error(JSON.stringify({ time: new Date().toISOString(), process: 'api', ...entry }));
}
