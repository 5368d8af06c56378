import process from 'node:process';
import { defineConfig } from 'vitest/config';
import { timescaleCases } from './tests/timescale/cases.ts';

/** Without such a server the suite is what says so. */
const hasTimescale = (process.env.TEST_TIMESCALE_URL ?? '').trim() !== '';

/** Suites run by name (`vitest run --project unit`); which files belong to which stands here alone. */
const suites = {
  unit: [
    'contract/src/**/*.test.ts',
    'drizzle/**/*.test.ts',
    'sidecar/src/**/*.test.ts',
    'api/src/**/*.test.ts',
    'web/**/*.test.ts',
    'infra/**/*.test.ts',
    'tests/*.test.ts',
    'tests/redaction/**/*.test.ts',
    'tests/api/**/*.test.ts',
  ],
  timescale: ['tests/timescale/**/*.test.ts', ...(hasTimescale ? Object.values(timescaleCases) : [])],
  runtimes: ['tests/runtimes/**/*.test.ts'],
  e2e: ['tests/e2e/**/*.test.ts', 'tests/openapi/**/*.test.ts'],
  conformance: ['tests/conformance/**/*.test.ts'],
  collector: ['tests/collector/**/*.test.ts'],
  faults: ['tests/faults/**/*.test.ts'],
  fuzz: ['tests/fuzz/**/*.test.ts'],
  live: ['tests/live/**/*.test.ts'],
  browser: ['tests/browser/**/*.test.ts'],
  console: ['tests/console/**/*.test.ts'],
  release: ['tests/release/**/*.test.ts'],
  deploy: ['tests/deploy/**/*.test.ts'],
};

/**
 * Suites of real processes and clocks on a machine that others share: a test that fails once is tried once more, and the run names it. What
 * loses or doubles data (faults) gets no second try.
 */
const retried = new Set(['runtimes', 'e2e', 'conformance', 'collector', 'browser', 'console', 'release', 'deploy']);

/** These start no Postgres for a run. */
const withoutDatabase = new Set(['console', 'deploy']);

const setupOf = (name: string): string[] => {
  if (withoutDatabase.has(name)) return [];
  return [name === 'timescale' ? 'tests/timescale/setup.ts' : 'tests/postgres.setup.ts'];
};

/** Files at once of suites that wait more than they work: one after another, two cores are idle most of the time. Others: a file a core, less one. */
const workers = new Map([
  ['unit', 3],
  ['e2e', 3],
  ['conformance', 3],
  ['live', 4],
  ['console', 2],
]);

/**
 * A sidecar in a test's process runs its leader from source, in a thread where Node strips the types by WebAssembly. V8 13.6 (Node 24.21) crashes
 * there now and then (SIGSEGV in Runtime_TierUpWasmToJSWrapper) once calls out of it are compiled anew: here they never are.
 */
const execArgv = ['--wasm-wrapper-tiering-budget=2147483647'];

export default defineConfig({
  test: {
    execArgv,
    reporters: ['default', './tests/reporter.ts'],
    projects: Object.entries(suites).map(([name, include]) => ({
      extends: true as const,
      test: {
        name,
        include,
        globalSetup: setupOf(name),
        testTimeout: name === 'console' ? 60_000 : 30_000,
        // Pages at once in a file: more than the cores draw only slow each other down.
        maxConcurrency: name === 'console' ? 3 : 5,
        hookTimeout: 60_000,
        retry: retried.has(name) ? 1 : 0,
        ...(workers.has(name) ? { maxWorkers: workers.get(name) ?? 1 } : {}),
      },
    })),
  },
});
