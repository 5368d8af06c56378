import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What the all-in-one keeps on disk beside its Postgres: the lock of the folder and the secret that seals session cookies. */

const SECRET_BYTES = 32;
/** What a launcher's command line holds: by its path in a clone, by its title in the package (cli.ts). 0.1.0 looks for the same. */
export const launcherTitle = 'infra/local/main.ts';

/**
 * Takes the folder for this process; returns what gives it back. The lock of a process that is gone is taken over.
 * @throws Error with a sentence that names the folder and the process that has it.
 */
export async function lockDataFolder(folder: string): Promise<() => Promise<void>> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'command-center.pid');
  // Made anew or not at all: of two that start together one fails here, before it takes the other's Postgres for a left-over.
  while (!(await create(file))) {
    const known = Number(await readFile(file, 'utf8').catch(() => ''));
    if (Number.isInteger(known) && known > 0 && known !== process.pid && (await isLauncher(known))) {
      throw new Error(
        `COMMAND_CENTER_DATA_DIR: ${folder} is in use by another Command Center (process ${known}); end that, or set COMMAND_CENTER_DATA_DIR to another folder`,
      );
    }
    await rm(file, { force: true });
  }
  return async () => {
    // Whoever took it over meanwhile keeps it.
    if ((await readFile(file, 'utf8').catch(() => '')).trim() === String(process.pid)) await rm(file, { force: true });
  };
}

async function create(file: string): Promise<boolean> {
  try {
    await writeFile(file, `${process.pid}\n`, { flag: 'wx' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Whether the process lives and is one of ours; a number may have been given to another program since. */
async function isLauncher(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  if (process.platform !== 'linux') return true;
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return commandLine.includes(launcherTitle);
}

/** Made once, readable by the owner alone, so that sessions outlive a restart. */
export async function sessionSecretOf(folder: string): Promise<string> {
  const file = join(folder, 'session.secret');
  const known = await readFile(file, 'utf8').catch(() => undefined);
  if (known !== undefined && known.trim() !== '') return known.trim();
  const secret = randomBytes(SECRET_BYTES).toString('base64url');
  await writeFile(file, `${secret}\n`, { mode: 0o600 });
  return secret;
}
