import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';
import { bundledPackages } from './packages.ts';
import { licenceTexts, sbom } from './sbom.ts';
import { withoutLocales } from './withoutLocales.ts';

const entryOf = (specifier: string): string => fileURLToPath(import.meta.resolve(specifier));

/** What can be started, by the name of its file, and the thread that a sidecar starts for its leader. */
const entries = {
  'command-center': entryOf('@command-center/infra/local/cli'),
  sidecar: entryOf('@command-center/sidecar/run'),
  worker: entryOf('@command-center/sidecar/lead/worker'),
  api: entryOf('@command-center/api/entry/run'),
  migrate: entryOf('@command-center/drizzle/run'),
};
const migrations = fileURLToPath(new URL('migrations', import.meta.resolve('@command-center/drizzle/migrate')));
const console = fileURLToPath(new URL('../../web/dist', import.meta.url));

/**
 * Writes the whole program as plain JavaScript with everything that it needs into a folder: what the npm package and the containers hold, and `npm run
 * start:sidecar` runs. It wants no node_modules but for the embedded Postgres. Names stay, and a map leads from a stack to the source. Beside it
 * lie the migrations, the console (which is built before), what it is made of (CycloneDX), and the licences that go with that.
 * Source: docs/adr/0009-the-sidecar-runs-bundled.md, docs/adr/0030-one-program.md.
 */
export async function bundleProgram(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const { output } = await build({
    input: entries,
    platform: 'node',
    plugins: [withoutLocales],
    output: {
      dir: folder,
      format: 'esm',
      entryFileNames: '[name].mjs',
      chunkFileNames: '[name]-[hash].mjs',
      sourcemap: true,
      minify: { compress: false, mangle: false, codegen: { removeWhitespace: false } },
    },
    logLevel: 'warn',
  });
  const modules = output.flatMap((part) => (part.type === 'chunk' ? part.moduleIds : []));
  const packages = bundledPackages(modules);
  await Promise.all([
    cp(migrations, join(folder, 'migrations'), { recursive: true }),
    cp(console, join(folder, 'web'), { recursive: true }),
    writeFile(join(folder, 'sbom.cdx.json'), `${JSON.stringify(sbom(packages), null, 2)}\n`),
    writeFile(join(folder, 'THIRD-PARTY-LICENCES.txt'), licenceTexts(packages)),
  ]);
}
