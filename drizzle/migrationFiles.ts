import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';

/**
 * A file of drizzle/migrations. Its first line says how it runs: `-- transactional` or `-- concurrent` (CREATE INDEX CONCURRENTLY and the like), and where
 * it only adds, `, older releases go on`: those may then run beside the new one, and be gone back to (docs/upgrade.md).
 */
export interface Migration {
  readonly name: string;
  readonly text: string;
  readonly checksum: string;
  readonly isTransactional: boolean;
  /** Releases that do not know it work as before: it takes away and changes nothing that they read or write. */
  readonly isAdditive: boolean;
}

const headerPattern = /^-- (transactional|concurrent)(, older releases go on)?$/;

/** In their order. @throws Error with a sentence, on a file without header. */
export async function readMigrations(folder: URL): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => /^\d{4}_\w+\.sql$/.test(name)).sort();
  return Promise.all(
    names.map(async (name) => {
      const text = await readFile(new URL(name, folder), 'utf8');
      const header = text.slice(0, text.indexOf('\n')).trim();
      const [, mode, mark] = headerPattern.exec(header) ?? [];
      if (mode === undefined) {
        throw new Error(
          `${name}: the first line must be "-- transactional" or "-- concurrent", with ", older releases go on" behind it where they do`,
        );
      }
      const checksum = createHash('sha256').update(text).digest('hex');
      return { name, text, checksum, isTransactional: mode === 'transactional', isAdditive: mark !== undefined };
    }),
  );
}

/** Of a concurrent file, whose statements end with a line: several sent together would run in one transaction. */
export function statementsOf({ text }: Migration): readonly string[] {
  return text.split(/;[ \t]*$/m).filter((statement) => statement.replaceAll(/--.*$/gm, '').trim() !== '');
}
