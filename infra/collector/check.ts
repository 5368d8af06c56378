import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import process from 'node:process';

/**
 * `node infra/collector/check.ts PROGRAM FILE…`: whether that collector knows what these files say, in one line. Exit code 0 = it does. The version that a
 * file needs stands in its head: "0.159 or later".
 */

const needed = /(\d+)\.(\d+) or later/;
const timeoutMs = 30_000;

function run(program: string, flags: readonly string[]): { readonly status: number | null; readonly words: string } {
  const { status, stdout, stderr, error } = spawnSync(program, flags, { encoding: 'utf8', timeout: timeoutMs });
  return { status, words: error === undefined ? `${stdout}\n${stderr}` : error.message };
}

/** What is the matter; undefined = nothing. */
function problemOf(program: string, files: readonly string[]): string | undefined {
  const said = run(program, ['--version']);
  const [, major, minor] = /(\d+)\.(\d+)\.\d+/.exec(said.words) ?? [];
  if (said.status !== 0 || major === undefined) return `${program} says no version: ${firstLine(said.words)}`;
  for (const file of files) {
    const [text, wantedMajor, wantedMinor] = needed.exec(readFileSync(file, 'utf8')) ?? [];
    if (text === undefined) continue;
    const isOlder =
      Number(major) < Number(wantedMajor) || (major === wantedMajor && Number(minor) < Number(wantedMinor));
    if (isOlder) return `${program} is ${major}.${minor}, and ${file} needs ${text}`;
  }
  const validated = run(program, ['validate', ...files.flatMap((file) => ['--config', file])]);
  return validated.status === 0
    ? undefined
    : `${program} ${major}.${minor} does not take ${files.join(', ')}: ${reasonIn(validated.words)}`;
}

/** Its own words go over several lines: one names the part, another the keys that it does not know. */
function reasonIn(words: string): string {
  const lines = words.split('\n').map((line) => line.trim());
  const about = lines.find((line) => /^'[^']+' /.test(line)) ?? firstLine(words);
  const keys = lines.find((line) => line.includes('has invalid keys'));
  return keys === undefined ? about : `${about.replace(/: decoding failed.*$/, '')}: ${keys}`;
}

function firstLine(words: string): string {
  return (
    words
      .split('\n')
      .find((line) => line.trim() !== '')
      ?.trim() ?? 'nothing'
  );
}

const [program, ...files] = process.argv.slice(2);
if (program === undefined || files.length === 0) {
  process.stderr.write('node infra/collector/check.ts PROGRAM FILE…\n');
  process.exitCode = 2;
} else {
  const problem = problemOf(program, files);
  process.stdout.write(`${problem ?? `${program} knows all of ${files.join(', ')}`}\n`);
  process.exitCode = problem === undefined ? 0 : 1;
}
