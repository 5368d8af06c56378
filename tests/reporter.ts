import process from 'node:process';
import type { Reporter, SerializedError, TestCase, TestModule, Vitest } from 'vitest/node';
import { type Counts, countsLine, FAILED } from './counts.ts';

/**
 * Ends each run with the reasons of what was skipped, the names of what failed and of what passed only when it was tried again, and the line that every test script ends with. A test skipped without a reason counts as
 * failed, and so does a file that could not be read or an error outside of any test: none of them may pass for a smaller run.
 */
export default class CountsReporter implements Reporter {
  #isFiltered = false;

  onInit(vitest: Vitest): void {
    // With `-t` everything else is skipped, for a reason that whoever typed it knows.
    this.#isFiltered = vitest.config.testNamePattern !== undefined;
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const skipped = tests.filter((test) => test.result().state === 'skipped');
    const unexplained = this.#isFiltered ? [] : skipped.filter((test) => noteOf(test) === undefined);
    const failed = tests.filter((test) => ['failed', 'pending'].includes(test.result().state));
    const brokenFiles = modules.filter((module) => module.errors().length > 0);
    const counts: Counts = {
      passed: tests.filter((test) => test.result().state === 'passed').length,
      failed:
        failed.length +
        unexplained.length +
        brokenFiles.length +
        unhandledErrors.length +
        // Nothing found, or the setup of the run failed.
        (modules.length === 0 ? 1 : 0),
      skipped: skipped.length - unexplained.length,
    };
    for (const [reason, count] of countsByReason(skipped)) write(`skipped ${count}: ${reason}`);
    for (const test of failed) write(`${FAILED}${nameOf(test)}`);
    for (const test of unexplained) write(`${FAILED}${nameOf(test)}: skipped without a reason`);
    for (const module of brokenFiles) write(`${FAILED}${module.relativeModuleId}: ${module.errors()[0]?.message}`);
    for (const error of unhandledErrors) write(`${FAILED}outside of any test: ${error.message}`);
    for (const test of tests.filter((each) => each.diagnostic()?.flaky === true))
      write(`PASSED ONLY WHEN TRIED AGAIN  ${nameOf(test)}`);
    if (counts.failed > 0) process.exitCode = 1;
    write(countsLine(counts));
  }
}

function nameOf(test: TestCase): string {
  return `${test.module.relativeModuleId} > ${test.fullName}`;
}

function noteOf(test: TestCase): string | undefined {
  const result = test.result();
  return result.state === 'skipped' ? result.note : undefined;
}

function countsByReason(skipped: readonly TestCase[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const test of skipped) {
    const note = noteOf(test);
    if (note !== undefined) counts.set(note, (counts.get(note) ?? 0) + 1);
  }
  return counts;
}

function write(line: string): void {
  process.stdout.write(`${line}\n`);
}
