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
  const documents = treeOf().files.filter((path) => /^(README|CONTRIBUTING)\.md$|^docs\/.*\.md$/.test(path));
  return documents.flatMap((path) =>
    textOf(path)
      .split('\n')
      .flatMap((line, index) => brokenIn(line, path, known).map((what) => ({ where: `${path}:${index + 1}`, what }))),
  );
}

/** Headings as GitHub names them in an address: lower case, punctuation gone, spaces as hyphens. */
export function anchorsOf(text: string): Set<string> {
  const seen = new Map<string, number>();
  return new Set(
    [...text.replaceAll(/```[\s\S]*?```/g, '').matchAll(/^#{1,6} (.*)$/gm)].map(([, heading = '']) => {
      const slug = heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
        .replaceAll(' ', '-');
      const times = seen.get(slug) ?? 0;
      seen.set(slug, times + 1);
      return times === 0 ? slug : `${slug}-${times}`;
    }),
  );
}

/** Links to a heading that no page has. `read` gives a page by its path, undefined where there is none. */
export function brokenAnchors(
  documents: readonly string[] = treeOf().files.filter((path) => path.endsWith('.md')),
  read: (path: string) => string | undefined = (path) => (treeOf().files.includes(path) ? textOf(path) : undefined),
): Finding[] {
  return documents.flatMap((path) =>
    [...(read(path) ?? '').matchAll(/\]\(([^)#\s]*)#([^)\s]+)\)/g)]
      .filter(([, target = '']) => !/^[a-z]+:/.test(target))
      .flatMap(([, target = '', anchor = '']) => {
        const page =
          target === '' ? path : normal(`${path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : ''}/${target}`);
        const text = read(page);
        return text === undefined || anchorsOf(text).has(anchor)
          ? []
          : [{ where: path, what: `${page} has no heading #${anchor}` }];
      }),
  );
}

/** What one line of a document names in vain. */
export function brokenIn(line: string, path: string, known: Known): string[] {
  return [...brokenScripts(line, known), ...brokenVariables(line, known), ...brokenPaths(line, path, known)];
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

/** Links, and code in backticks that begins with a folder or file of the root. */
function brokenPaths(line: string, path: string, { paths, rooms }: Known): string[] {
  const coded = [...line.matchAll(/`([\w.@-]+(?:\/[\w.@-]*)+|[\w-]+\.(?:md|json|ts))`/g)]
    .map(([, name = '']) => name)
    .filter((name) => rooms.has(name.split('/', 1)[0] ?? '') || /^[A-Z]+\.md$/.test(name));
  const folder = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
  const linked = [...line.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)]
    .map(([, name = '']) => name)
    .filter((name) => !/^[a-z]+:/.test(name))
    .map((name) => normal(name.startsWith('/') ? name : `${folder}/${name}`));
  return [...coded, ...linked]
    .map((name) => name.replace(/^\/|\/$/g, ''))
    .filter((name) => !paths.has(name) && !name.startsWith('web/dist') && !name.startsWith('node_modules'))
    .map((name) => `there is no ${name}`);
}

function normal(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/');
}
