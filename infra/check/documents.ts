import { settingRows } from '@command-center/contract/settings/settings';
import { z } from 'zod';
import type { Finding } from './finding.ts';
import { textOf, treeOf } from './tree.ts';

/** `npm <name>` without `run`. */
const shortScripts = ['start', 'test'];
/** npm's own commands that documents name. */
const npmCommands = new Set(['ci', 'install', 'i', 'run', 'version', 'pack', 'exec']);

const manifest = z.object({ scripts: z.record(z.string(), z.string()).default({}) });

interface Known {
  readonly scripts: ReadonlySet<string>;
  readonly paths: ReadonlySet<string>;
  readonly variables: ReadonlySet<string>;
  readonly rooms: ReadonlySet<string>;
}

/** What documents may name. */
function readKnown(): Known {
  const { files, folders } = treeOf();
  return {
    scripts: new Set(Object.keys(manifest.parse(JSON.parse(textOf('package.json'))).scripts)),
    paths: new Set([...files, ...folders]),
    variables: new Set(settingRows.map((row) => row.name)),
    rooms: new Set([...folders, ...files].filter((path) => !path.includes('/'))),
  };
}

/** Scripts, paths and variables that README.md and docs/ name and that do not exist. */
export function brokenNames(known: Known = readKnown()): Finding[] {
  const documents = treeOf().files.filter((path) => /^(README|CONTRIBUTING|SECURITY)\.md$|^docs\/.*\.md$/.test(path));
  return documents.flatMap((path) =>
    textOf(path)
      .split('\n')
      .flatMap((line, index) => brokenIn(line, known).map((what) => ({ where: `${path}:${index + 1}`, what }))),
  );
}

/** What one line of a document names in vain. */
export function brokenIn(line: string, known: Known): string[] {
  return [...brokenScripts(line, known), ...brokenVariables(line, known), ...brokenPaths(line, known)];
}

function brokenScripts(line: string, { scripts }: Known): string[] {
  const asked = [...line.matchAll(/\bnpm (?:run ([\w:.-]+)|([a-z][\w:-]*))/g)].flatMap(([, run, short = '']) => {
    if (run !== undefined) return [run];
    return npmCommands.has(short) || !shortScripts.includes(short) ? [] : [short];
  });
  return asked.filter((script) => !scripts.has(script)).map((script) => `package.json has no script ${script}`);
}

function brokenVariables(line: string, { variables }: Known): string[] {
  return [...line.matchAll(/\bCOMMAND_CENTER_[A-Z0-9_]+\b(?!\*)/g)]
    .map(([name]) => name)
    .filter((name) => !variables.has(name) && !name.endsWith('_'))
    .map((name) => `there is no variable ${name}`);
}

/** Code in backticks that begins with a folder or file of the root. Where links lead: governance/links.ts. */
function brokenPaths(line: string, { paths, rooms }: Known): string[] {
  return [...line.matchAll(/`([\w.@-]+(?:\/[\w.@-]*)+|[\w-]+\.(?:md|json|ts))`/g)]
    .map(([, name = '']) => name)
    .filter((name) => rooms.has(name.split('/', 1)[0] ?? '') || /^[A-Z]+\.md$/.test(name))
    .map((name) => name.replace(/\/$/, ''))
    .filter((name) => !paths.has(name) && !name.startsWith('web/dist') && !name.startsWith('node_modules'))
    .map((name) => `there is no ${name}`);
}
