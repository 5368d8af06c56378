import { posix } from 'node:path';
import { z } from 'zod';
import { type DependencyRow, imageRows, moduleRows, programRows, runtimeRows, toolRows } from './dependencyRows.ts';
import type { Finding } from './finding.ts';
import { filesLike } from './governance/files.ts';
import { imagesOf } from './governance/pinned.ts';
import { textOf } from './tree.ts';

/** Dependencies that are known and alive (the plan's "Required policy gates"). */

export const releasesPath = 'infra/check/releases.json';
const release = z.object({
  /** The newest. */
  version: z.string(),
  /** When anything of it was published last. */
  released: z.iso.date(),
  /** What its maintainers say who have given it up. */
  deprecated: z.string().optional(),
});
const releasesSchema = z.object({
  /** The day on which the registries were asked. */
  seen: z.iso.date(),
  /** npm packages and Go modules that files of ours name. */
  packages: z.record(z.string(), release),
});
export type Releases = z.infer<typeof releasesSchema>;

const names = z.record(z.string(), z.string()).default({});
const manifest = z.object({ dependencies: names, devDependencies: names, optionalDependencies: names });
const lockfile = z.object({
  packages: z.record(
    z.string(),
    z.object({ dev: z.boolean().optional(), deprecated: z.string().optional(), license: z.string().optional() }),
  ),
});
/** Days without a release after which a package counts as silent, and after which a look at the registries is too old. */
const silentDays = 366;
const dayMs = 86_400_000;

const rowsPath = 'infra/check/dependencyRows.ts';
const isOurs = (name: string): boolean => name.startsWith('@command-center/');

/** A dependency, and the file that asks for it. */
interface Asked {
  readonly path: string;
  readonly name: string;
  /** What the registry calls it, where that is another name: `npm:typescript@7.0.2`. */
  readonly registryName?: string | undefined;
}

/** npm packages that the manifests of the workspaces name, ours left out. */
export function directPackages(): Asked[] {
  return filesLike(/^([a-z]+\/)?package\.json$/).flatMap(({ path, text }) =>
    Object.values(manifest.parse(JSON.parse(text)))
      .flatMap((group) => Object.entries(group))
      .filter(([name]) => !isOurs(name))
      .map(([name, version]) => ({ path, name, registryName: /^npm:(.+)@/.exec(version)?.[1] })),
  );
}

/** Go modules that a go.mod names itself, those of its tools among them. */
export function directModules(): Asked[] {
  return filesLike(/(^|\/)go\.mod$/).flatMap(({ path, text }) =>
    [...text.matchAll(/^(?:(?:require )?\s*([\w.-]+\.[a-z]+\/\S+) v\S+|tool (\S+))$/gm)].map(
      ([, module, tool = '']) => ({ path, name: module ?? tool }),
    ),
  );
}

/** Programs of Python that a requirements file is there for; the rest of it is what they bring, frozen. */
const requirements = (): { path: string; names: string[] }[] =>
  filesLike(/(^|\/)requirements[\w.-]*\.txt$/).map(({ path, text }) => ({
    path,
    names: [...text.matchAll(/^([\w.-]+)==/gm)].map(([, name = '']) => name),
  }));

export function readReleases(): Releases {
  return releasesSchema.parse(JSON.parse(textOf(releasesPath)));
}

/** As the lock file has it. */
export function licenceOf(name: string): string {
  const { packages } = lockfile.parse(JSON.parse(textOf('package-lock.json')));
  return packages[`node_modules/${name}`]?.license ?? 'not in the lock file';
}

export const fits = ({ name }: Pick<DependencyRow, 'name'>, found: string): boolean =>
  name.endsWith('*') ? found.startsWith(name.slice(0, -1)) : name === found;

/** Both ways: what is asked for without a row, and rows that nothing asks for. */
function unmatched(asked: readonly Asked[], rows: readonly DependencyRow[]): Finding[] {
  return [
    ...asked
      .filter(({ name }) => !rows.some((row) => fits(row, name)))
      .map(({ path, name }) => ({ where: path, what: `${name} has no row in ${rowsPath}` })),
    ...rows
      .filter((row) => !asked.some(({ name }) => fits(row, name)))
      .map(({ name }) => ({ where: rowsPath, what: `nothing depends on ${name}` })),
  ];
}

/** Packages, modules, programs and images without a row, and rows without one of them. */
export function unexplainedDependencies(
  images: readonly { readonly where: string; readonly image: string }[] = imagesOf(),
): Finding[] {
  const asked = images.map(({ where, image }) => ({ path: where, name: image.replace(/[:@][^/]*$/, '') }));
  const programs = requirements();
  return [
    ...unmatched(directPackages(), [...runtimeRows, ...toolRows]),
    ...unmatched(directModules(), moduleRows),
    ...unmatched(asked, imageRows),
    ...programs
      .filter((file) => !programRows.some(({ name }) => file.names.includes(name)))
      .map(({ path }) => ({ where: path, what: `is there for no program of ${rowsPath}` })),
    ...programRows
      .filter(({ name }) => !programs.some((file) => file.names.includes(name)))
      .map(({ name }) => ({ where: rowsPath, what: `no requirements file has ${name}` })),
  ];
}

const explained = (name: string): boolean =>
  [...runtimeRows, ...toolRows, ...moduleRows].some((row) => fits(row, name) && row.explained !== undefined);

/**
 * What was not released for a year before the registries were last asked, is deprecated there, or was not looked at. Judged by the day in the file, not by
 * today: an old commit must not turn red by itself.
 */
export function silentDependencies(
  releases: Releases = readReleases(),
  asked: readonly string[] = [...directPackages(), ...directModules()].map(({ name }) => name),
): Finding[] {
  return [...new Set(asked)].flatMap((name): Finding[] => {
    const found = releases.packages[name];
    if (found === undefined) return [{ where: releasesPath, what: `knows no release of ${name}` }];
    if (explained(name)) return [];
    const days = Math.round((Date.parse(releases.seen) - Date.parse(found.released)) / dayMs);
    if (found.deprecated !== undefined)
      return [{ where: releasesPath, what: `${name} is deprecated: ${found.deprecated}` }];
    if (days <= silentDays) return [];
    return [{ where: releasesPath, what: `${name} was last released ${days} days before ${releases.seen}` }];
  });
}

/** A release that was made a year after the registries were asked: it says nothing of what its dependencies were by then. */
export function unseenDependencies(
  { seen }: Releases = readReleases(),
  changelog: string = textOf('CHANGELOG.md'),
): Finding[] {
  const days = [...changelog.matchAll(/^## .*\b(\d{4}-\d{2}-\d{2})\b/gm)].map(([, day = '']) => day).sort();
  const newest = days.at(-1);
  if (newest === undefined || (Date.parse(newest) - Date.parse(seen)) / dayMs <= silentDays) return [];
  return [{ where: releasesPath, what: `was asked on ${seen}, over a year before the release of ${newest}` }];
}

/** Deprecated packages in what runs, by the lock file. */
export function deprecatedDependencies(lock: unknown = JSON.parse(textOf('package-lock.json'))): Finding[] {
  return Object.entries(lockfile.parse(lock).packages)
    .filter(([, { dev, deprecated }]) => deprecated !== undefined && dev !== true)
    .filter(([path]) => !runtimeRows.some((row) => row.explained !== undefined && path.endsWith(`/${row.name}`)))
    .map(([path, { deprecated = '' }]) => ({
      where: `package-lock.json: ${path}`,
      what: `is deprecated: ${deprecated}`,
    }));
}

/** Folders with a go.mod, from the root. */
export const moduleFolders = (): string[] => filesLike(/(^|\/)go\.mod$/).map(({ path }) => posix.dirname(path));
