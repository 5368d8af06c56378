import { environmentReads, statusLiterals } from './confined.ts';
import { deadExports, deadFiles } from './dead.ts';
import { deprecatedDependencies, silentDependencies, unexplainedDependencies } from './dependencies.ts';
import { brokenAnchors, brokenNames } from './documents.ts';
import { deadExceptions, longFileExceptions, longFunctionExceptions } from './exceptions.ts';
import type { Finding } from './finding.ts';
import { forbiddenFolders } from './folders.ts';
import { forbiddenColumns, keptForEver, otherRetentions } from './governance.ts';
import { circles, wrongDirections } from './imports.ts';
import { longFiles, longFunctions } from './lengths.ts';
import { boundLockfile, foreignLicences } from './licences.ts';
import { type Module, readModules } from './modules.ts';
import {
  undocumentedMetrics,
  undocumentedVariables,
  unknownEndpoints,
  unknownMetrics,
  unplannedFlags,
} from './named.ts';
import { unpinned } from './pinned.ts';
import { treeOf } from './tree.ts';

/** A rule of the house and what breaks it now. */
export interface Rule {
  readonly name: string;
  readonly find: () => readonly Finding[];
  /** What mends it. */
  readonly remedy: string;
}

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
      find: () => [...brokenNames(), ...brokenAnchors()],
      remedy: 'correct the document',
    },
    ...governance(),
    { name: 'licences', find: () => foreignLicences(), remedy: 'choose another package' },
    {
      name: 'lockfile without addresses',
      find: () => boundLockfile(),
      remedy: 'npm install --package-lock-only (omit-lockfile-registry-resolved stands in .npmrc)',
    },
  ];
}

/** The plan's task 35, and what makes documents be believed. */
function governance(): Rule[] {
  return [
    {
      name: 'thirty days everywhere',
      find: () => [...otherRetentions(), ...keptForEver()],
      remedy: `take contract/src/retention.ts, delete it in sidecar/src/lead/purge.ts, ${exceptions}`,
    },
    {
      name: 'no column for what is never kept',
      find: () => forbiddenColumns(),
      remedy: `name it for what it is, ${exceptions}`,
    },
    {
      name: 'exact versions',
      find: () => unpinned(),
      remedy: 'write the whole version: npm install --save-exact, name:1.2.3',
    },
    {
      name: 'dependencies have their reasons and are alive',
      find: () => [...unexplainedDependencies(), ...silentDependencies(), ...deprecatedDependencies()],
      remedy: 'a row in infra/check/dependencyRows.ts; npm run dependencies asks the registry anew',
    },
    {
      name: 'metrics are named as they are',
      find: () => [...unknownMetrics(), ...undocumentedMetrics()],
      remedy: 'correct the document; npm run generate',
    },
    {
      name: 'variables, endpoints and flags are documented',
      find: () => [...undocumentedVariables(), ...unknownEndpoints(), ...unplannedFlags()],
      remedy: 'say in a document, or in the head of the file, what it is for',
    },
  ];
}
