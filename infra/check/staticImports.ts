import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** `import` and `from` before a file beside the one that says it: `import()` loads later. */
const staticImport = /(?:\bfrom|\bimport)\s*["']\.\/([^"']+\.m?js)["']/g;

/** These files of a folder that a bundler wrote, and all that they import before anything runs. */
export function withStaticImports(folder: string, entries: readonly string[]): ReadonlySet<string> {
  const seen = new Set(entries);
  for (const file of seen) {
    const content = readFileSync(join(folder, file), 'utf8');
    for (const [, imported = ''] of content.matchAll(staticImport)) seen.add(imported);
  }
  return seen;
}
