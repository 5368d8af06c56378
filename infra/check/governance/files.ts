import { textOf, treeOf } from '../tree.ts';

/** A file of the repository, or one that a test made up. */
export interface TextFile {
  readonly path: string;
  readonly text: string;
}

let known: readonly string[] | undefined;
const texts = new Map<string, string>();

/** Files whose path matches, read once for all rules of a run: the tree does not change under a check. */
export function filesLike(pattern: RegExp): TextFile[] {
  known ??= treeOf().files;
  return known.filter((path) => pattern.test(path)).map((path) => ({ path, text: heldText(path) }));
}

function heldText(path: string): string {
  const held = texts.get(path) ?? textOf(path);
  texts.set(path, held);
  return held;
}

/** Lines of files with where they stand, as findings name it. */
export function linesOf(files: readonly TextFile[]): { where: string; line: string }[] {
  return files.flatMap(({ path, text }) =>
    text.split('\n').map((line, index) => ({ where: `${path}:${index + 1}`, line })),
  );
}
