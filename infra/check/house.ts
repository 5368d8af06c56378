import { environmentReads, statusLiterals } from './confined.ts';
import { deadExports, deadFiles } from './dead.ts';
import { brokenNames } from './documents.ts';
import { deadExceptions, longFileExceptions, longFunctionExceptions } from './exceptions.ts';
import type { Finding, Rule } from './finding.ts';
import { forbiddenFolders } from './folders.ts';
import { governanceRules } from './governance/rules.ts';
import { circles, wrongDirections } from './imports.ts';
import { longFiles, longFunctions } from './lengths.ts';
import { boundLockfile, foreignLicences } from './licences.ts';
import { type Module, readModules } from './modules.ts';
import { treeOf } from './tree.ts';

/** Leaves out what has an exception, and reports exceptions that nothing needs any more. */
function except(findings: readonly Finding[], exceptions: Readonly<Record<string, string>>): Finding[] {
  const fileOf = (finding: Finding): string => finding.where.replace(/:\d+$/, '');
  const needed = new Set(findings.map(fileOf));
  return [
    ...findings.filter((finding) => !Object.hasOwn(exceptions, fileOf(finding))),
    ...Object.keys(exceptions)
      .filter((where) => !needed.has(where))
      .map((where) => ({ where, what: 'its exception is no longer needed' })),
  ];
}

function missingDeadExceptions(modules: readonly Module[]): Finding[] {
  const names = new Set(
    modules.flatMap(({ path, exports }) => [path, ...exports.map(({ name }) => `${path}#${name}`)]),
  );
  return Object.keys(deadExceptions)
    .filter((where) => !names.has(where))
    .map((where) => ({ where, what: 'its exception is no longer needed' }));
}

const exceptions = 'or name an exception with its reason in infra/check/exceptions.ts';

/** Rules that read source, documents and the lockfile; the compiler and the linter are asked elsewhere. */
export function houseRules(modules: readonly Module[] = readModules()): Rule[] {
  return [
    {
      name: 'imports point one way',
      find: () => wrongDirections(modules),
      remedy: 'see style.md, "Rooms": move the code, or hand it in as an argument',
    },
    { name: 'no circles', find: () => circles(modules), remedy: 'move what both need into a file of its own' },
    {
      name: 'files of at most 300 lines',
      find: () => except(longFiles(modules), longFileExceptions),
      remedy: `look for the second idea, ${exceptions}`,
    },
    {
      name: 'functions of at most 70 lines',
      find: () => except(longFunctions(modules), longFunctionExceptions),
      remedy: `name a part of it, ${exceptions}`,
    },
    { name: 'folders have names', find: () => forbiddenFolders(treeOf().folders), remedy: 'rename the folder' },
    {
      name: 'no dead files',
      find: () => deadFiles(modules),
      remedy: `delete the file, ${exceptions}`,
    },
    {
      name: 'no dead exports',
      find: () => [...deadExports(modules), ...missingDeadExceptions(modules)],
      remedy: `delete it, or do not export it, ${exceptions}`,
    },
    {
      name: 'settings are handed in',
      find: () => environmentReads(modules),
      remedy: 'add a row to contract/src/settings and take the value as an argument',
    },
    {
      name: 'one answer table',
      find: () => statusLiterals(modules),
      remedy: 'read the number from contract/src/reasons.ts',
    },
    {
      name: 'documents name what exists',
      find: () => brokenNames(),
      remedy: 'correct the document',
    },
    ...governanceRules,
    { name: 'licences', find: () => foreignLicences(), remedy: 'choose another package' },
    {
      name: 'lockfile without addresses',
      find: () => boundLockfile(),
      remedy: 'npm install --package-lock-only (omit-lockfile-registry-resolved stands in .npmrc)',
    },
  ];
}
