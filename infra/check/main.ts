import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { bundleSizes, largeBundles } from './bundles.ts';
import type { Finding } from './finding.ts';
import { firstLoadSize, largeFirstLoad } from './firstLoad.ts';
import { houseRules } from './house.ts';
import { root } from './tree.ts';

/** `npm run check`: a line a step; what a failed step found, and the command that mends it. */

interface Step {
  readonly name: string;
  /** undefined = fine; else what was found. */
  readonly run: () => string | undefined;
  readonly remedy: string;
}

/** Longer output of a tool is cut: the first findings are the ones to mend. */
const maxShown = 12_000;
/** A tool that hangs must not hang the check. */
const toolTimeoutMs = 300_000;

/** A program of node_modules. */
function tool(name: string, args: readonly string[], folder = root): string | undefined {
  const isWindows = process.platform === 'win32';
  return program(join(root, 'node_modules', '.bin', isWindows ? `${name}.cmd` : name), args, folder, isWindows);
}

function program(name: string, args: readonly string[], folder = root, shell = false): string | undefined {
  const options = { cwd: folder, encoding: 'utf8', timeout: toolTimeoutMs, maxBuffer: 64 * 2 ** 20, shell } as const;
  const result = spawnSync(name, args, options);
  if (result.error !== undefined) return `${name} could not run: ${result.error.message}; is \`npm ci\` done?`;
  return result.status === 0 ? undefined : `${result.stdout}${result.stderr}`.trim();
}

function listed(findings: readonly Finding[]): string | undefined {
  if (findings.length === 0) return undefined;
  return findings.map(({ where, what }) => `  ${where}: ${what}`).join('\n');
}

const consoleFolder = join(root, 'web');

const steps: readonly Step[] = [
  {
    name: 'format and lint',
    run: () => tool('biome', ['check', '--error-on-warnings', '.']),
    remedy: 'npx biome check --write .',
  },
  { name: 'types', run: () => tool('tsc', ['-p', '.']), remedy: 'npx tsc -p .' },
  {
    // aws-cdk-lib's classes do not fit its own interfaces where an optional member may not be undefined.
    name: 'types of the AWS stack',
    run: () => tool('tsc', ['-p', 'infra/cdk']),
    remedy: 'npx tsc -p infra/cdk',
  },
  ...(existsSync(join(consoleFolder, 'tsconfig.json'))
    ? [
        {
          name: 'types of the console',
          run: () => tool('svelte-check', ['--tsconfig', './tsconfig.json', '--fail-on-warnings'], consoleFolder),
          remedy: 'npx svelte-check --workspace web --tsconfig ./tsconfig.json',
        },
      ]
    : []),
  ...houseRules().map(({ name, find, remedy }) => ({ name, run: () => listed(find()), remedy })),
  {
    name: `bundles within their bounds (${bundleSizes()})`,
    run: () => listed(largeBundles()),
    remedy: 'npm run build; what grew, see infra/bundle/limits.ts',
  },
  {
    name: `first load of the console within its bound (${firstLoadSize()})`,
    run: () => listed(largeFirstLoad()),
    remedy: 'npm run build; what grew: load it with its tab, see infra/check/firstLoad.ts',
  },
  {
    name: 'generated files',
    run: () => program(process.execPath, ['infra/generate/main.ts', '--check']),
    remedy: 'npm run generate',
  },
];

function write(line: string): void {
  process.stdout.write(`${line}\n`);
}

let failed = 0;
for (const { name, run, remedy } of steps) {
  const found = run();
  if (found === undefined) {
    write(`ok      ${name}`);
    continue;
  }
  failed++;
  write(`FAILED  ${name}`);
  write(found.length > maxShown ? `${found.slice(0, maxShown)}\n  … and more` : found);
  write(`  to mend: ${remedy}`);
}
write(`${steps.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
