import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';

/** The parts that run: the sidecar, and the thread that it starts for the leader. */
const entries = {
  run: fileURLToPath(import.meta.resolve('@command-center/sidecar/run')),
  worker: fileURLToPath(import.meta.resolve('@command-center/sidecar/lead/worker')),
};
const migrations = fileURLToPath(new URL('migrations', import.meta.resolve('@command-center/drizzle/migrate')));

/**
 * Writes the sidecar as plain JavaScript with everything that it needs into a folder: `run.mjs` is to be started with the flags of
 * sidecar/src/nodeFlags.ts, and needs no node_modules. Names stay, and a map leads from a stack to the source.
 * Source: docs/adr/0009-the-sidecar-runs-bundled.md.
 */
export async function bundleSidecar(folder: string): Promise<void> {
  await build({
    input: entries,
    platform: 'node',
    output: {
      dir: folder,
      format: 'esm',
      entryFileNames: '[name].mjs',
      chunkFileNames: '[name]-[hash].mjs',
      sourcemap: true,
      cleanDir: true,
    },
    logLevel: 'warn',
  });
  await cp(migrations, join(folder, 'migrations'), { recursive: true });
}
