import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/** A package of others whose code is in what is shipped. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** SPDX expression, as the package says it. */
  readonly licence: string;
  /** Its licence and notice files; '' where it brings none. */
  readonly text: string;
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const manifest = z.object({
  name: z.string(),
  version: z.string(),
  license: z.string().default('NOASSERTION'),
});
/** What the console's build writes of itself (web/vite.config.ts). */
const consolePackages = z.array(
  z.object({ name: z.string(), version: z.string(), identifier: z.string(), text: z.string() }),
);
const isLegal = (file: string): boolean => /^(licen[cs]e|notice|copying)/i.test(file);

/** Of the modules of a bundle and of the built console, by name and version. */
export function bundledPackages(modules: readonly string[]): BundledPackage[] {
  const folders = new Set(modules.flatMap((id) => packageFolderOf(id) ?? []));
  const ofConsole = consolePackages
    .parse(JSON.parse(readFileSync(join(root, 'web/dist/licences.json'), 'utf8')))
    .map(({ name, version, identifier, text }) => ({ name, version, licence: identifier, text }));
  const found = [...[...folders].map(readPackage), ...ofConsole];
  const unique = new Map(found.map((each) => [`${each.name}@${each.version}`, each]));
  return [...unique.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each);
}

/** The innermost folder below node_modules that is a package; undefined for our own modules. */
function packageFolderOf(moduleId: string): string | undefined {
  const at = moduleId.replaceAll('\\', '/').lastIndexOf('/node_modules/');
  if (at === -1) return undefined;
  const from = at + '/node_modules/'.length;
  const [scope = '', name = ''] = moduleId.slice(from).split('/', 2);
  return moduleId.slice(0, from) + (scope.startsWith('@') ? `${scope}/${name}` : scope);
}

function readPackage(folder: string): BundledPackage {
  const { name, version, license } = manifest.parse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')));
  const files = existsSync(folder) ? readdirSync(folder).filter(isLegal).sort() : [];
  const text = files.map((file) => readFileSync(join(folder, file), 'utf8').trim()).join('\n\n');
  return { name, version, licence: license, text };
}
