import { execFile } from 'node:child_process';
import process from 'node:process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const TIMEOUT_MS = 240_000;

/** What npm says where no registry answers. */
const offline = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ENETUNREACH|ETIMEDOUT|ENOTCACHED/;

/** Runs npm in the folder; gives its standard output. Rejects with the end of what it said. */
export async function npm(folder: string, ...flags: readonly string[]): Promise<string> {
  // How a registry is reached stands in the environment of the machine.
  const options = { cwd: folder, env: { ...process.env, CI: 'true' }, timeout: TIMEOUT_MS, maxBuffer: 64 * 2 ** 20 };
  const { stdout } = await run('npm', ['--no-audit', '--no-fund', '--prefer-offline', ...flags], options);
  return stdout;
}

/** The same for what needs a registry: the reason to skip where there is none. */
export async function npmOnline(folder: string, ...flags: readonly string[]): Promise<string | undefined> {
  try {
    await npm(folder, ...flags);
    return undefined;
  } catch (error) {
    const words = String(error instanceof Error && 'stderr' in error ? error.stderr : error);
    if (offline.test(words)) return `npm ${flags[0]} found no registry: ${words.match(offline)?.[0]}`;
    throw error;
  }
}
