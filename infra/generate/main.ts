import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../check/tree.ts';
import { generated, staleFiles } from './files.ts';

/** `npm run generate` writes the files that are made from tables; with `--check` it only says which would change. */

const stale = staleFiles();
const isCheck = process.argv.includes('--check');
for (const { where, what } of stale) {
  const make = generated[where];
  if (!isCheck && make !== undefined) writeFileSync(join(root, where), make());
  process.stdout.write(isCheck ? `${where} ${what}; to mend: npm run generate\n` : `wrote ${where}\n`);
}
process.exitCode = isCheck && stale.length > 0 ? 1 : 0;
