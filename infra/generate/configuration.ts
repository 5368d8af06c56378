import type { SettingRow } from '@command-center/contract/settings/row';
import { settingRows } from '@command-center/contract/settings/settings';
import { code, notice, table } from './table.ts';

function isForTests(row: SettingRow): boolean {
  return row.name.startsWith('TEST_');
}

function notes(row: SettingRow): string {
  const secret = row.isSecret ? ' Secret: never printed.' : '';
  const planned = row.isPlanned ? ' Not built yet: setting it stops the start.' : '';
  return `${row.meaning}${secret}${planned}`;
}

function defaultCell(row: SettingRow): string {
  const isValue = row.fallback !== undefined && row.defaultText !== 'none';
  const text = isValue && !row.defaultText.includes(' ') ? code(row.defaultText) : row.defaultText;
  return row.unit === '' || row.unit === 'bytes' || !isValue ? text : `${text} ${row.unit}`;
}

/** docs/configuration.md */
export function configurationPage(): string {
  const rows = settingRows.map((row) => [code(row.name), defaultCell(row), row.allowed, notes(row)]);
  return `${notice}

# Configuration

Everything is set by environment variables, and none is needed: \`npm start\` without any works. An empty value counts as
not set. A wrong value, an unknown \`COMMAND_CENTER_…\` variable or a combination that cannot be meant stops the start with
one line a variable: its name, its value (secrets masked) and what is allowed.

A port of 0 means any free port. A port that was set is insisted on; a default gives way to another where it is taken, and
the start says so.

${table(['variable', 'default', 'allowed', 'meaning'], rows)}
`;
}

/** .env.example: every variable, commented out, with its default. */
export function exampleEnvironment(): string {
  const entries = settingRows
    .filter((row) => !isForTests(row))
    .map((row) => {
      const value = row.fallback === undefined || row.defaultText === 'none' ? '' : row.defaultText;
      const shown = row.fallback === undefined && row.defaultText !== 'none' ? ` Default: ${row.defaultText}.` : '';
      return `# ${notes(row)}${shown}\n#${row.name}=${value}\n`;
    });
  return `# Written by \`npm run generate\` from contract/src/settings; edit that. Nothing here is needed to start.\n\n${entries.join('\n')}`;
}
