import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';

/** A file of drizzle/migrations. Its first line says how it runs: `-- transactional` or `-- concurrent` (CREATE INDEX CONCURRENTLY and the like). */
export interface Migration {
  readonly name: string;
  readonly text: string;
  readonly checksum: string;
  readonly isTransactional: boolean;
}

/** In their order. @throws Error with a sentence, on a file without header. */
export async function readMigrations(folder: URL): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => /^\d{4}_\w+\.sql$/.test(name)).sort();
  return Promise.all(
    names.map(async (name) => {
      const text = await readFile(new URL(name, folder), 'utf8');
      const header = text.slice(0, text.indexOf('\n')).trim();
      if (header !== '-- transactional' && header !== '-- concurrent') {
        throw new Error(`${name}: the first line must be "-- transactional" or "-- concurrent"`);
      }
      const checksum = createHash('sha256').update(text).digest('hex');
      return { name, text, checksum, isTransactional: header === '-- transactional' };
    }),
  );
}

/** Of a concurrent file, whose statements end with a line: several sent together would run in one transaction. */
export function statementsOf({ text }: Migration): readonly string[] {
  return text.split(/;[ \t]*$/m).filter((statement) => statement.replaceAll(/--.*$/gm, '').trim() !== '');
}
