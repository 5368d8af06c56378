import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { dirname } from 'node:path';
import process from 'node:process';
import { findGo, goEnvironment } from './go.ts';
import { type ProgramName, placesOf, programNames } from './programs.ts';

/**
 * `node tests/collector/build.ts`: builds the collector, its load-balancing sister and telemetrygen where their binaries are missing, and
 * prints where they lie. The first time takes minutes. What cannot be built is said and kept as the reason of the skipped tests: exit code 0.
 * With `--check` it builds nothing: exit code 1 where a binary is missing.
 */

/** A download that hangs must end before CI's patience does. */
const BUILD_TIMEOUT_MS = 1_500_000;
const MAX_REASON_CHARACTERS = 300;

function build(name: ProgramName, go: string): void {
  const { module, source, binary, failure } = placesOf(name);
  mkdirSync(dirname(binary), { recursive: true });
  // Another process may build the same: whoever is last puts a whole file in place of a whole file.
  const unfinished = `${binary}.${process.pid}`;
  const startedAt = performance.now();
  const { status, stderr, error } = spawnSync(go, ['build', '-trimpath', '-ldflags=-s -w', '-o', unfinished, source], {
    cwd: module,
    encoding: 'utf8',
    env: goEnvironment,
    timeout: BUILD_TIMEOUT_MS,
    maxBuffer: 64 * 2 ** 20,
  });
  if (status === 0) {
    renameSync(unfinished, binary);
    rmSync(failure, { force: true });
    write(`${name}: built in ${Math.round((performance.now() - startedAt) / 1_000)} s: ${binary}`);
    return;
  }
  rmSync(unfinished, { force: true });
  const words = error?.message ?? stderr.trim().split('\n').slice(-3).join(' ');
  writeFileSync(failure, `go build failed: ${words.slice(-MAX_REASON_CHARACTERS)}\n`);
  write(`${name}: go build failed, its tests will be skipped\n${stderr}`);
}

function write(line: string): void {
  process.stdout.write(`${line}\n`);
}

const absent = programNames.filter((name) => !existsSync(placesOf(name).binary));
for (const name of programNames) if (!absent.includes(name)) write(`${name}: ${placesOf(name).binary}`);
if (process.argv.includes('--check')) process.exit(absent.length === 0 ? 0 : 1);
// The compiler takes every core for minutes; what else runs goes first.
setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
const go = findGo();
for (const name of absent) {
  if ('reason' in go) write(`${name}: ${go.reason}; its tests will be skipped`);
  else build(name, go.program);
}
