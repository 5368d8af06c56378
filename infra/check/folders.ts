import type { Finding } from './finding.ts';

/** Names that say where a thing lies and not what it is. */
const forbidden = ['utils', 'util', 'helpers', 'helper', 'common', 'shared', 'misc', 'lib'];

export function forbiddenFolders(folders: readonly string[]): Finding[] {
  return folders
    .filter((folder) => forbidden.includes(folder.split('/').at(-1) ?? ''))
    .map((where) => ({ where, what: 'a folder is named after what is in it' }));
}
