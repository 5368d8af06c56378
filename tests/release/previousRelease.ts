import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { npmOnline } from './npm.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const previous = z
  .object({ version: z.string(), commit: z.string().regex(/^[0-9a-f]{7,40}$/) })
  .parse(JSON.parse(readFileSync(join(root, 'infra/release/previous.json'), 'utf8')));

export const previousVersion = previous.version;

/** Lays the previous release out of git into the folder and installs what it runs with; else says why that cannot be. */
export async function layPreviousRelease(folder: string): Promise<string | undefined> {
  try {
    execFileSync('git', ['cat-file', '-e', `${previous.commit}^{commit}`], { cwd: root, stdio: 'ignore' });
  } catch {
    return `this clone has no commit ${previous.commit} (release ${previous.version}): a shallow one, or no git`;
  }
  const archive = join(folder, 'release.tar');
  execFileSync('git', ['archive', '--output', archive, previous.commit], { cwd: root });
  execFileSync('tar', ['-xf', archive, '-C', folder]);
  // Its own lock file decides. The console is not built: its API answers without.
  const reason = await npmOnline(folder, 'ci', '--ignore-scripts');
  if (reason === undefined && !existsSync(join(folder, 'node_modules'))) throw new Error('npm ci installed nothing');
  return reason;
}
