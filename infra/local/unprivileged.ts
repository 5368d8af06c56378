import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';

/** Postgres refuses to run as root. Started by root, it runs under another user, also where that user could not walk to its files. */

/** `nobody` on every Linux and macOS we know. */
const UNPRIVILEGED_ID = 65534;

export interface Runner {
  /** Who must own the server's folder; undefined = whoever started us. */
  readonly owner: number | undefined;
  /** In a process group of its own: Ctrl-C at the terminal must not reach the server before the last batch is committed. */
  spawn(command: string, args: readonly string[]): ChildProcess;
}

/** Ways past a 0700 folder (root's home, a folder of mktemp -d), tried in this order; both programs are part of util-linux. */
const waysPast: readonly { readonly prefix: readonly string[]; readonly owner: number | undefined }[] = [
  {
    // An ambient capability lets the server walk there, and nobody else. Without the secure bit access(2) leaves capabilities out of account, and
    // initdb asks it whether it may run its own files.
    prefix: [
      'setpriv',
      ...[`--reuid=${UNPRIVILEGED_ID}`, `--regid=${UNPRIVILEGED_ID}`, '--clear-groups'],
      '--securebits=+no_setuid_fixup',
      ...['--inh-caps=+dac_override', '--ambient-caps=+dac_override'],
    ],
    owner: UNPRIVILEGED_ID,
  },
  // Where capabilities cannot be handed on: root to the file system, another user to itself.
  { prefix: ['unshare', '--user', '--map-user=1000', '--map-group=1000'], owner: undefined },
];

/**
 * How to run Postgres from `binaries` on `folder`.
 * @throws Error with the remedy, where root has no way to give a process another user's id and the right to walk to both.
 */
export function runnerFor(binaries: string, folder: string): Runner {
  if (process.getuid?.() !== 0) return runner([], undefined);
  if ([binaries, dirname(folder)].every(isOpenToAll)) return runner([], UNPRIVILEGED_ID);
  const way = waysPast.find(({ prefix }) => works(prefix, binaries));
  if (way !== undefined) return runner(way.prefix, way.owner);
  throw new Error(
    `Postgres must not run as root, and the user ${UNPRIVILEGED_ID} cannot reach ${folder} or ${binaries}: ` +
      'set COMMAND_CENTER_DATA_DIR to a folder whose parents are open to others, run as another user, or set COMMAND_CENTER_DATABASE_URL',
  );
}

function runner(prefix: readonly string[], owner: number | undefined): Runner {
  return {
    owner,
    spawn: (command, args) => {
      const [program = command, ...rest] = [...prefix, command, ...args];
      const identity = owner !== undefined && prefix.length === 0 ? { uid: owner, gid: owner } : {};
      return spawn(program, rest, { detached: true, stdio: ['ignore', 'pipe', 'pipe'], cwd: '/', ...identity });
    },
  };
}

/** As initdb will: it looks for the server beside itself, and asks whether it may run it. */
function works(prefix: readonly string[], binaries: string): boolean {
  const [program = '', ...args] = [...prefix, join(binaries, 'initdb'), '--show', '-D', join(binaries, 'none')];
  return spawnSync(program, args, { cwd: '/', stdio: 'ignore' }).status === 0;
}

/** Whether every folder on the way may be walked by others. */
function isOpenToAll(path: string): boolean {
  for (let folder = path; ; folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0) return false;
    if (dirname(folder) === folder) return true;
  }
}
