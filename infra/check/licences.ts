import { z } from 'zod';
import { licenceExceptions } from './exceptions.ts';
import type { Finding } from './finding.ts';
import { textOf } from './tree.ts';

/** What runs, or is bundled into what runs. */
const forProduction = new Set(['MIT', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', '0BSD', 'PostgreSQL']);

/** Build and test tools may be these as well. */
const forTools = new Set([
  ...forProduction,
  'MPL-2.0',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'CC-BY-4.0',
  'Python-2.0',
  'Unlicense',
]);

const names = z.record(z.string(), z.string()).default({});
const lockedPackage = z.object({
  version: z.string().optional(),
  license: z.string().optional(),
  resolved: z.string().optional(),
  integrity: z.string().optional(),
  link: z.boolean().optional(),
  /** Comes inside the archive of the package around it, whose hash is also its own. */
  inBundle: z.boolean().optional(),
  dependencies: names,
  devDependencies: names,
  optionalDependencies: names,
  peerDependencies: names,
});
type LockedPackage = z.infer<typeof lockedPackage>;
const lockfile = z.object({ packages: z.record(z.string(), lockedPackage) });
type Packages = Readonly<Record<string, LockedPackage>>;

function readPackages(text: string = textOf('package-lock.json')): Packages {
  return lockfile.parse(JSON.parse(text)).packages;
}

/** Where Node finds `name` from the package at `path`; undefined for an optional one that is not installed anywhere. */
function locate(packages: Packages, path: string, name: string): string | undefined {
  const candidate = path === '' ? `node_modules/${name}` : `${path}/node_modules/${name}`;
  const found = packages[candidate];
  if (found !== undefined) return found.link === true ? found.resolved : candidate;
  if (path === '') return undefined;
  const outer = path.lastIndexOf('/node_modules/');
  return locate(packages, outer === -1 ? '' : path.slice(0, outer), name);
}

type Group = 'dependencies' | 'devDependencies' | 'optionalDependencies' | 'peerDependencies';
const runtimeGroups: readonly Group[] = ['dependencies', 'optionalDependencies', 'peerDependencies'];

/** Packages reached from `starts`, whose own `groups` are followed, and the runtime dependencies of everything behind them. */
function reach(packages: Packages, starts: readonly string[], groups: readonly Group[]): Set<string> {
  const reached = new Set<string>();
  const open = starts.map((path) => ({ path, groups }));
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const group of at.groups)
      for (const name of Object.keys(packages[at.path]?.[group] ?? {})) {
        const path = locate(packages, at.path, name);
        if (path === undefined || reached.has(path)) continue;
        reached.add(path);
        open.push({ path, groups: runtimeGroups });
      }
  }
  return reached;
}

const isOurs = (path: string): boolean => !path.includes('node_modules/');

/** SPDX expressions: one side of OR suffices, AND needs both. Exceptions (WITH) are read as their licence. */
export function isAllowed(expression: string, allowed: ReadonlySet<string>): boolean {
  const tokens = expression.match(/[()]|[^\s()]+/g) ?? [];
  let at = 0;
  const either = (): boolean => {
    let result = both();
    while (tokens[at] === 'OR') {
      at++;
      const other = both();
      result = result || other;
    }
    return result;
  };
  const both = (): boolean => {
    let result = one();
    while (tokens[at] === 'AND') {
      at++;
      const other = one();
      result = result && other;
    }
    return result;
  };
  const one = (): boolean => {
    const token = tokens[at++] ?? '';
    if (token === '(') {
      const inside = either();
      at++;
      return inside;
    }
    if (tokens[at] === 'WITH') at += 2;
    return allowed.has(token);
  };
  return either() && at >= tokens.length;
}

/** Packages whose licence the project does not take, for what they are used for. */
export function foreignLicences(packages: Packages = readPackages()): Finding[] {
  const workspaces = Object.keys(packages).filter(isOurs);
  const products = workspaces.filter((path) => path !== 'tests');
  const production = reach(packages, products, ['dependencies', 'optionalDependencies', 'peerDependencies']);
  const tools = reach(packages, workspaces, ['devDependencies', 'dependencies']);
  const judge = (path: string, allowed: ReadonlySet<string>, use: string): Finding[] => {
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    const licence = packages[path]?.license ?? 'no licence in the lockfile';
    if (isOurs(path) || isAllowed(licence, allowed) || Object.hasOwn(licenceExceptions, name)) return [];
    return [{ where: path, what: `${licence} is not on the list for ${use}` }];
  };
  return [
    ...[...production].flatMap((path) => judge(path, forProduction, 'what runs')),
    ...[...tools].filter((path) => !production.has(path)).flatMap((path) => judge(path, forTools, 'tools')),
  ];
}

/** Entries of the lockfile that say where to download (they would bind everyone to one registry) or lack their hash. */
export function boundLockfile(packages: Packages = readPackages()): Finding[] {
  return Object.entries(packages).flatMap(([path, each]): Finding[] => {
    if (each.resolved !== undefined && !(each.link === true && Object.hasOwn(packages, each.resolved)))
      return [{ where: `package-lock.json: ${path}`, what: 'names a download address' }];
    if (!isOurs(path) && each.link !== true && each.inBundle !== true && each.integrity === undefined)
      return [{ where: `package-lock.json: ${path}`, what: 'has no hash' }];
    return [];
  });
}
