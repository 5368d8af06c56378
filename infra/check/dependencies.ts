import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type DependencyRow, imageRows, runtimeRows, toolRows } from './dependencyRows.ts';
import type { Finding } from './finding.ts';
import { root, textOf, treeOf } from './tree.ts';

/** Dependencies that are known and alive (the plan's "Required policy gates"). */

export const releasesPath = 'infra/check/releases.json';
const releasesSchema = z.object({
  /** The day on which the registry was asked. */
  seen: z.iso.date(),
  packages: z.record(z.string(), z.object({ version: z.string(), released: z.iso.date() })),
});
export type Releases = z.infer<typeof releasesSchema>;

const manifest = z.object({
  dependencies: z.record(z.string(), z.string()).default({}),
  devDependencies: z.record(z.string(), z.string()).default({}),
  optionalDependencies: z.record(z.string(), z.string()).default({}),
});
const lockfile = z.object({
  packages: z.record(
    z.string(),
    z.object({ dev: z.boolean().optional(), deprecated: z.string().optional(), license: z.string().optional() }),
  ),
});
/** Days without a release after which a package counts as silent. */
const silentDays = 366;
const dayMs = 86_400_000;

const manifests = (): { path: string; of: z.infer<typeof manifest> }[] =>
  treeOf()
    .files.filter((path) => /^([a-z]+\/)?package\.json$/.test(path))
    .map((path) => ({ path, of: manifest.parse(JSON.parse(textOf(path))) }));
const isOurs = (name: string): boolean => name.startsWith('@command-center/');

/** Names of what runs, from the manifests of the workspaces that ship. */
export function directRuntime(): string[] {
  const names = manifests()
    .filter(({ path }) => path !== 'tests/package.json')
    .flatMap(({ of }) => [...Object.keys(of.dependencies), ...Object.keys(of.optionalDependencies)]);
  return [...new Set(names)].filter((name) => !isOurs(name)).sort();
}

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

/** Dependencies without a row, and rows without a dependency. */
export function unexplainedDependencies(): Finding[] {
  const rows = [...runtimeRows, ...toolRows];
  const used = manifests().flatMap(({ path, of }) =>
    Object.values(of).flatMap((group) => Object.keys(group).map((name) => ({ path, name }))),
  );
  const foreign = used.filter(({ name }) => !isOurs(name));
  return [
    ...foreign
      .filter(({ name }) => !rows.some((row) => fits(row, name)))
      .map(({ path, name }) => ({ where: path, what: `${name} has no row in infra/check/dependencyRows.ts` })),
    ...rows
      .filter((row) => !foreign.some(({ name }) => fits(row, name)))
      .map(({ name }) => ({ where: 'infra/check/dependencyRows.ts', what: `nothing depends on ${name}` })),
    ...imageRows
      .filter(
        ({ file, name, version }) => !existsSync(join(root, file)) || !textOf(file).includes(`${name}:${version}`),
      )
      .map(({ file, name, version }) => ({ where: file, what: `does not name ${name}:${version}` })),
  ];
}

/**
 * What runs and was not released for a year before it was last looked at, is deprecated, or was not looked at. Judged by the day in the file, not by today: an old
 * commit must not turn red by itself. Looking again is a step of each release (docs/release.md).
 */
export function silentDependencies(
  releases: Releases = readReleases(),
  names: readonly string[] = directRuntime(),
): Finding[] {
  const explained = (name: string): boolean =>
    runtimeRows.some((row) => fits(row, name) && row.explained !== undefined);
  return names.flatMap((name): Finding[] => {
    const found = releases.packages[name];
    if (found === undefined) return [{ where: releasesPath, what: `knows no release of ${name}` }];
    const days = (Date.parse(releases.seen) - Date.parse(found.released)) / dayMs;
    if (days <= silentDays || explained(name)) return [];
    return [
      { where: releasesPath, what: `${name} was last released ${Math.round(days)} days before ${releases.seen}` },
    ];
  });
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
