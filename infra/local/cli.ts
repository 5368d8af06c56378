#!/usr/bin/env node
import process from 'node:process';
import { version } from '@command-center/api/entry/version';
import { settingRows } from '@command-center/contract/settings/settings';
import { launcherTitle } from './dataFolder.ts';

/** `command-center`: what the npm package puts into PATH. Each command is loaded when it is asked for. */

/** Node's type of the first release that runs this: `Promise.withResolvers`, `import.meta.main` and the flags of a sidecar. */
const minNode = [22, 18] as const;

const usage = `command-center [start]            Postgres, OTLP door, API and console on loopback; Ctrl-C ends all of it
command-center migrate            brings COMMAND_CENTER_DATABASE_URL to this version's schema
command-center demo [flags]       sends realistic telemetry to a running one; --help says which flags
command-center --settings         every environment variable, its default and its meaning
command-center --version`;

/** Leaves `process.argv` to the command as if it had been started by itself. */
async function run([command = 'start', ...rest]: readonly string[]): Promise<void> {
  const extra = command === 'demo' ? undefined : rest[0];
  if (extra !== undefined) return refuse(`command-center ${command} takes no ${JSON.stringify(extra)}`);
  switch (command) {
    case 'start':
      // Else another start on the same data folder would take this one for a program that has nothing to do with it.
      process.title = launcherTitle;
      await import('./main.ts');
      return;
    case 'migrate':
      await import('@command-center/drizzle/run');
      return;
    case 'demo':
      process.argv.splice(2, 1);
      await import('../demo/main.ts');
      return;
    case '--settings':
      print(settingRows.map(({ name, defaultText, meaning }) => `${name} [${defaultText}]\n    ${meaning}`).join('\n'));
      return;
    case '--version':
      print(version);
      return;
    case '--help':
    case '-h':
      print(usage);
      return;
    default:
      refuse(`there is no command ${JSON.stringify(command)}`);
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function refuse(problem: string): void {
  process.stderr.write(`${problem}; command-center --help lists what there is\n`);
  process.exitCode = 2;
}

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < minNode[0] || (major === minNode[0] && minor < minNode[1])) {
  process.stderr.write(
    `command-center needs Node.js ${minNode.join('.')} or later; this is ${process.versions.node}\n`,
  );
  process.exitCode = 1;
} else await run(process.argv.slice(2));
