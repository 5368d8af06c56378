import process from 'node:process';
import { readSettings } from '@command-center/contract/settings/settings';
import { migrate } from './migrate.ts';

/** `npm run migrate`: brings COMMAND_CENTER_DATABASE_URL to this version's schema and says what it did. */

try {
  const { databaseUrl } = readSettings(process.env);
  if (databaseUrl === undefined)
    throw new Error('COMMAND_CENTER_DATABASE_URL: set it to the Postgres to migrate; npm start migrates its own');
  const { applied, warnings } = await migrate(databaseUrl);
  for (const warning of warnings) process.stderr.write(`${warning}\n`);
  process.stdout.write(applied.length === 0 ? 'up to date\n' : `applied ${applied.join(', ')}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
