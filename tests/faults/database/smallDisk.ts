import { spawnSync } from 'node:child_process';
import { closeSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { mkdtemp, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Enough for a cluster and its WAL (about 120 MiB), and little more. */
const SIZE_MIB = 320;

/** A file system of its own that can be filled to the last byte. */
export interface SmallDisk {
  readonly folder: string;
  fill(): void;
  free(): void;
  unmount(): Promise<void>;
}

/** Undefined where this user may not mount one. */
export async function mountSmallDisk(): Promise<SmallDisk | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'command-center-disk-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE_MIB}m,mode=0755`, 'tmpfs', folder]);
  if (mounted.status !== 0) {
    await rmdir(folder);
    return undefined;
  }
  const filler = join(folder, 'filler');
  return {
    folder,
    fill: () => fillWith(filler),
    free: () => unlinkSync(filler),
    unmount: async () => {
      spawnSync('umount', [folder]);
      await rmdir(folder);
    },
  };
}

function fillWith(path: string): void {
  const file = openSync(path, 'w');
  try {
    // At most the disk's size in the smaller blocks; ENOSPC ends it long before.
    for (const block of [Buffer.alloc(1024 * 1024), Buffer.alloc(4096)]) writeUntilFull(file, block);
  } finally {
    closeSync(file);
  }
}

function writeUntilFull(file: number, block: Buffer): void {
  for (let written = 0; written < SIZE_MIB * 1024 * 1024; written += block.length) {
    try {
      writeSync(file, block);
    } catch {
      return;
    }
  }
}
