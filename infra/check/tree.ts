import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root folder. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Made by machines, or not ours. */
const ignored = new Set([
  'node_modules',
  '.git',
  'dist',
  'generated',
  'coverage',
  '.data',
  '.cache',
  'cdk.out',
  'screenshots',
]);

/** A repository of this size has hundreds of files; past this something was not ignored that should be. */
const maxFiles = 10_000;

/** Every file and folder of ours, as paths from the root with `/`, sorted. */
export function treeOf(folder: string = root): { files: string[]; folders: string[] } {
  const files: string[] = [];
  const folders: string[] = [];
  const open = [folder];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const entry of readdirSync(at, { withFileTypes: true })) {
      if (ignored.has(entry.name)) continue;
      const path = join(at, entry.name);
      const name = relative(folder, path).split(sep).join('/');
      if (entry.isDirectory()) {
        folders.push(name);
        open.push(path);
      } else if (entry.isFile()) files.push(name);
      if (files.length > maxFiles) throw new Error(`over ${maxFiles} files; a folder of ${name} should be ignored`);
    }
  }
  return { files: files.sort(), folders: folders.sort() };
}

/** The text of a file of the repository. */
export function textOf(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}
