import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { z } from 'zod';
import { directModules, directPackages, moduleFolders, type Releases, releasesPath } from './dependencies.ts';
import { root } from './tree.ts';

/**
 * `npm run dependencies`: asks npm's registry and Go's module proxy, through npm and go themselves, when each direct dependency was released last, and writes
 * it down for the check and the page. Run it before a release, with Go 1.26 or later in PATH; it is the one script that asks.
 */

type Release = Releases['packages'][string];

const output = (program: string, args: readonly string[], cwd: string): string =>
  execFileSync(program, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });

const view = z.object({
  time: z.record(z.string(), z.string()),
  'dist-tags.latest': z.string(),
  deprecated: z.string().optional(),
});

function askNpm(name: string): Release {
  const text = output('npm', ['view', name, 'time', 'dist-tags.latest', 'deprecated', '--json'], root);
  const { time, 'dist-tags.latest': version, deprecated } = view.parse(JSON.parse(text));
  const days = Object.entries(time).filter(([key]) => key !== 'created' && key !== 'modified');
  const released = days.map(([, day]) => day.slice(0, 10)).sort();
  return { version, released: released.at(-1) ?? '', ...(deprecated === undefined ? {} : { deprecated }) };
}

const listed = z.object({
  Path: z.string(),
  Version: z.string(),
  Time: z.string().optional(),
  Deprecated: z.string().optional(),
});

/** `folder` has the go.mod in whose build list go looks; asking changes nothing in it. */
function goModules(asked: readonly string[], folder: string): z.infer<typeof listed>[] {
  const text = output('go', ['list', '-m', '-e', '-json', ...asked], join(root, folder));
  return text.split(/^(?=\{$)/m).map((json) => listed.parse(JSON.parse(json)));
}

/** Of a module whose newest version the proxy does not know the one in use: older than the truth, so never too kind. */
function askGo(names: readonly string[], folder: string): [string, Release][] {
  const newest = goModules(
    names.map((name) => `${name}@latest`),
    folder,
  );
  return newest.map((module) => {
    const known = module.Time === undefined ? (goModules([module.Path], folder)[0] ?? module) : module;
    const { Path, Version, Time = '', Deprecated } = known;
    const deprecated = Deprecated === undefined ? {} : { deprecated: Deprecated };
    return [Path, { version: Version, released: Time.slice(0, 10), ...deprecated }];
  });
}

const found = new Map<string, Release>();
for (const { name, registryName = name } of directPackages()) {
  if (found.has(name)) continue;
  found.set(name, askNpm(registryName));
  process.stdout.write(`${name} ${found.get(name)?.version} ${found.get(name)?.released}\n`);
}
for (const folder of moduleFolders()) {
  const names = directModules().filter(({ path }) => path === `${folder}/go.mod`);
  for (const [name, release] of askGo(
    names.map((each) => each.name),
    folder,
  )) {
    found.set(name, release);
    process.stdout.write(`${name} ${release.version} ${release.released}\n`);
  }
}
const packages = Object.fromEntries([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
const releases: Releases = { seen: new Date().toISOString().slice(0, 10), packages };
writeFileSync(join(root, releasesPath), `${JSON.stringify(releases, null, 2)}\n`);
