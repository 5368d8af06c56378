import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Finding } from './finding.ts';
import { withStaticImports } from './staticImports.ts';
import { root } from './tree.ts';

/** Bytes of JavaScript and CSS, each file gzipped, until the console shows what it opens with. */
const mostBytes = 65_000;

/** What App.svelte loads at once if it loads it apart: the tab that the console opens with. Chunks are named by their module. */
const alwaysOpen = ['GoldenSignals'];

const folder = 'web/dist';

interface FirstLoad {
  readonly bytes: number;
  /** Of all files, by name without hash, largest first. */
  readonly files: readonly { readonly name: string; readonly bytes: number; readonly isFirst: boolean }[];
}

/** @returns undefined where the console is not built */
function firstLoad(): FirstLoad | undefined {
  const index = join(root, folder, 'index.html');
  if (!existsSync(index)) return undefined;
  const named = [...readFileSync(index, 'utf8').matchAll(/(?:src|href)="\/([^"]+\.(?:js|css))"/g)].map(
    ([, path = '']) => path,
  );
  const assets = readdirSync(join(root, folder, 'assets'));
  const open = assets.filter((file) => file.endsWith('.js') && alwaysOpen.includes(moduleOf(file)));
  const entries = named
    .filter((path) => path.startsWith('assets/') && path.endsWith('.js'))
    .map((path) => basename(path));
  const scripts = withStaticImports(join(root, folder, 'assets'), [...entries, ...open]);
  // Vite names the styles of a chunk like the chunk.
  const modules = new Set([...scripts].map(moduleOf));
  const styles = assets.filter((file) => file.endsWith('.css') && modules.has(moduleOf(file)));
  const first = new Set([...named, ...[...scripts, ...styles].map((file) => `assets/${file}`)]);
  const all = new Set([...first, ...assets.filter((file) => /\.(js|css)$/.test(file)).map((file) => `assets/${file}`)]);
  const files = [...all]
    .map((path) => ({
      name: `${moduleOf(path)}${path.endsWith('.css') ? '.css' : ''}`,
      bytes: gzipSync(readFileSync(join(root, folder, path))).length,
      isFirst: first.has(path),
    }))
    .sort((a, b) => b.bytes - a.bytes);
  return { bytes: files.reduce((sum, { bytes, isFirst }) => sum + (isFirst ? bytes : 0), 0), files };
}

/** `assets/Tabs-4f_-x9Qa.js` -> `Tabs`: the hash has eight characters. */
const moduleOf = (path: string): string => basename(path).replace(/(?:-[\w-]{8})?\.(?:js|css)$/, '');

/** What the first load takes, and what is loaded later, in words. */
export function firstLoadSize(): string {
  const found = firstLoad();
  if (found === undefined) return 'not built';
  const list = (isFirst: boolean): string =>
    found.files
      .filter((file) => file.isFirst === isFirst)
      .map(({ name, bytes }) => `${name} ${bytes}`)
      .join(', ');
  const later = list(false);
  return `${found.bytes} B gzipped: ${list(true)}${later === '' ? '' : `; later ${later}`}`;
}

/** A console that is missing, or takes more to open than it may. */
export function largeFirstLoad(): Finding[] {
  const found = firstLoad();
  if (found === undefined) return [{ where: folder, what: 'is not built' }];
  if (found.bytes <= mostBytes) return [];
  return [{ where: folder, what: `${found.bytes} bytes gzipped on first load, allowed are ${mostBytes}` }];
}
