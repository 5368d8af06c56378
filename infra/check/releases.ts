import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { z } from 'zod';
import { directRuntime, type Releases, releasesPath } from './dependencies.ts';
import { root } from './tree.ts';

/**
 * `npm run dependencies`: asks the registry when the newest version of each direct runtime dependency was released, and writes it down for the check and
 * the page. Run it before a release; it is the one script that asks.
 */

const times = z.record(z.string(), z.string());
const asked: Record<string, { version: string; released: string }> = {};
for (const name of directRuntime()) {
  const text = execFileSync('npm', ['view', name, 'time', 'dist-tags.latest', '--json'], {
    cwd: root,
    encoding: 'utf8',
  });
  const { time, 'dist-tags.latest': version } = z
    .object({ time: times, 'dist-tags.latest': z.string() })
    .parse(JSON.parse(text));
  const newest = Object.entries(time)
    .filter(([key]) => key !== 'created' && key !== 'modified')
    .map(([, day]) => day)
    .sort()
    .at(-1);
  asked[name] = { version, released: (newest ?? '').slice(0, 10) };
  process.stdout.write(`${name} ${version} ${asked[name]?.released}\n`);
}
const releases: Releases = { seen: new Date().toISOString().slice(0, 10), packages: asked };
writeFileSync(join(root, releasesPath), `${JSON.stringify(releases, null, 2)}\n`);
