import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { z } from 'zod';
import { startProgram, untilReady } from '../processes/child.ts';

/** What is read of a unit of systemd to start its service as systemd does. */
export interface Unit {
  readonly command: readonly string[];
  readonly folder: string;
  readonly environmentFile: string;
  /** Every other setting of `[Service]`, by its name. */
  readonly settings: ReadonlyMap<string, string>;
}

/** `[Service]` of a unit file. Source: systemd.service(5), systemd.exec(5). */
export function readUnit(path: string): Unit {
  const [, service = ''] = readFileSync(path, 'utf8').split('[Service]\n');
  const lines = (service.split('\n[', 1)[0] ?? '').split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const settings = new Map(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
  const taken = (name: string): string => {
    const value = settings.get(name);
    if (value === undefined) throw new Error(`${path}: no ${name}`);
    return value;
  };
  return {
    command: taken('ExecStart').split(' '),
    folder: taken('WorkingDirectory'),
    environmentFile: taken('EnvironmentFile'),
    settings,
  };
}

/** `NAME=value` lines, as systemd and Compose read them where nothing is quoted. */
export function readVariables(path: string): Record<string, string> {
  const lines = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => /^\w+=/.test(line));
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}

/** What a sidecar says, and what an API does. */
const readyLine = z.object({
  event: z.literal('ready'),
  otlp: z.object({ http: z.url() }).optional(),
  sidecar: z.url().optional(),
  console: z.url().optional(),
});
/** On one host with other tests nothing may insist on a port; each process says which it was given. */
const anyPort = {
  COMMAND_CENTER_PORT: '0',
  COMMAND_CENTER_SIDECAR_PORT: '0',
  COMMAND_CENTER_OTLP_GRPC_PORT: '0',
  COMMAND_CENTER_OTLP_HTTP_PORT: '0',
};

export interface UnitProcess {
  /** Its base addresses. */
  readonly ready: Omit<z.infer<typeof readyLine>, 'event'>;
  /** As `systemctl stop`; gives the exit code. */
  stop(): Promise<number | null>;
}

/** Starts a unit's command with its variables on a host whose root is `root`; resolves when it serves. `here`: addresses of the page, as they are. */
export async function startUnit(path: string, root: string, here: (text: string) => string): Promise<UnitProcess> {
  const { command, folder, environmentFile } = readUnit(path);
  const [program, ...words] = command;
  if (program !== '/usr/bin/node') throw new Error(`${path}: nothing stands in for ${program}`);
  const variables = Object.entries(readVariables(join(root, environmentFile)));
  const environment = { ...Object.fromEntries(variables.map(([name, value]) => [name, here(value)])), ...anyPort };
  const flags = words.map((word) => (word.endsWith('.mjs') ? join(root, folder, word) : word));
  const { child, handle } = startProgram(process.execPath, flags, environment);
  const { event: _, ...ready } = await untilReady(handle, child, readyLine);
  return {
    ready,
    stop: async () => {
      child.signal('SIGTERM');
      return (await child.ended()).code;
    },
  };
}
