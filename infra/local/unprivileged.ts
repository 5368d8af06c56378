import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';

/** Postgres refuses to run as root. Started by root, it runs under another user, also where that user could not walk to its files. */

/** `nobody` on every Linux and macOS we know; initdb wants a user that has a name. */
const NOBODY = 65534;

export interface Runner {
  /** Who must own the server's folder; undefined = whoever started us. */
  readonly owner: number | undefined;
  /** In a process group of its own: Ctrl-C at the terminal must not reach the server before the last batch is committed. */
  spawn(command: string, args: readonly string[]): ChildProcess;
}

/** How the server gets its user. */
interface Way {
  /** A program that becomes the server. */
  readonly prefix: readonly string[];
  readonly owner: number | undefined;
  readonly identity: Pick<SpawnOptions, 'uid' | 'gid'>;
}

const plain: Way = { prefix: [], owner: undefined, identity: {} };
const asNobody: Way = { prefix: [], owner: NOBODY, identity: { uid: NOBODY, gid: NOBODY } };

/**
 * Past a 0700 folder (root's home, a folder of mktemp -d): an ambient capability lets the server walk there, and nobody else. Without the secure
 * bit access(2) leaves capabilities out of account, and initdb asks it whether it may run its own files.
 */
const asNobodyWhoWalks: Way = {
  prefix: [
    'setpriv',
    ...[`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'],
    ...['--securebits=+no_setuid_fixup', '--inh-caps=+dac_override', '--ambient-caps=+dac_override'],
  ],
  owner: NOBODY,
  identity: {},
};

/** Nobody to itself, whoever started us to the file system: for root without capabilities to hand on, and for a user without a name. */
const inNamespace: Way = {
  prefix: ['unshare', '--user', `--map-user=${NOBODY}`, `--map-group=${NOBODY}`],
  owner: undefined,
  identity: {},
};

/**
 * How to run Postgres from `binaries` on `folder`.
 * @throws Error with the remedy, where root has no way to give a process another user's id and the right to walk to both.
 */
export function runnerFor(binaries: string, folder: string): Runner {
  const isRoot = process.getuid?.() === 0;
  const isWalkable = [binaries, dirname(folder)].every(isOpenToAll);
  const ways = isRoot ? [...(isWalkable ? [asNobody] : []), asNobodyWhoWalks, inNamespace] : [plain, inNamespace];
  const way = ways.find((each) => works(each, binaries));
  if (way !== undefined) return runner(way);
  // What is wrong then initdb itself says best.
  if (!isRoot) return runner(plain);
  throw new Error(
    `Postgres must not run as root, and the user ${NOBODY} cannot reach ${folder} or ${binaries}: ` +
      'set COMMAND_CENTER_DATA_DIR to a folder whose parents are open to others, run as another user, or set COMMAND_CENTER_DATABASE_URL',
  );
}

function runner({ prefix, owner, identity }: Way): Runner {
  return {
    owner,
    spawn: (command, args) => {
      const [program = command, ...rest] = [...prefix, command, ...args];
      return spawn(program, rest, { detached: true, stdio: ['ignore', 'pipe', 'pipe'], cwd: '/', ...identity });
    },
  };
}

/** As initdb will: it looks up its user's name, then the server beside itself, and asks whether it may run it. */
function works({ prefix, identity }: Way, binaries: string): boolean {
  const [program = '', ...args] = [...prefix, join(binaries, 'initdb'), '--show', '-D', join(binaries, 'none')];
  return spawnSync(program, args, { cwd: '/', stdio: 'ignore', ...identity }).status === 0;
}

/** Whether every folder on the way may be walked by others. */
function isOpenToAll(path: string): boolean {
  for (let folder = path; ; folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0) return false;
    if (dirname(folder) === folder) return true;
  }
}
