import { spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { addCounts, type Counts, countsLine, FAILED, parseCounts } from './counts.ts';

/** `npm test`: the check, then each suite in a process of its own, one after another: they measure, and share two cores. */

const root = fileURLToPath(new URL('..', import.meta.url));
const suite = (name: string): readonly [string, ...string[]] => ['vitest', 'run', '--project', name];
/** Lists its tests: the list is what the product owes its senders. */
const listed = (name: string): readonly [string, ...string[]] => [
  ...suite(name),
  ...['--reporter', 'verbose', '--reporter', './tests/reporter.ts'],
];

const scripts: readonly { readonly name: string; readonly command: readonly [string, ...string[]] }[] = [
  { name: 'check', command: ['node', 'infra/check/main.ts'] },
  { name: 'unit', command: suite('unit') },
  { name: 'timescale', command: suite('timescale') },
  { name: 'runtimes', command: suite('runtimes') },
  { name: 'e2e', command: suite('e2e') },
  { name: 'conformance', command: listed('conformance') },
  { name: 'collector', command: suite('collector') },
  { name: 'faults', command: suite('faults') },
  { name: 'fuzz', command: suite('fuzz') },
  { name: 'live', command: suite('live') },
  { name: 'browser', command: suite('browser') },
  { name: 'console', command: suite('console') },
  { name: 'release', command: suite('release') },
  { name: 'deploy', command: suite('deploy') },
];

/** Named again at the end, where a log that was cut still has them. */
const failures: string[] = [];

/** Passes on what the script prints; its counts are in its last line. */
async function runScript([program, ...args]: readonly [string, ...string[]]): Promise<Counts> {
  // npm puts node_modules/.bin first in PATH: `node` is the project's own there.
  const child = spawn(program, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    shell: process.platform === 'win32',
  });
  const closed = once(child, 'close');
  let lastLine = '';
  for await (const line of createInterface({ input: child.stdout })) {
    write(line);
    if (line.startsWith(FAILED)) failures.push(line);
    if (line.trim() !== '') lastLine = line;
  }
  const [exitCode, signal] = await closed;
  const counts = parseCounts(lastLine);
  if (counts === undefined)
    write(`ended without its counts (${signal ?? `exit code ${exitCode}`}); counted as one failure`);
  const known = counts ?? { passed: 0, failed: 1, skipped: 0 };
  // An exit code that its counts do not explain is a failure too.
  return exitCode === 0 || known.failed > 0 ? known : { ...known, failed: 1 };
}

function write(line: string): void {
  process.stdout.write(`${line}\n`);
}

const results: { readonly name: string; readonly counts: Counts; readonly seconds: number }[] = [];
for (const { name, command } of scripts) {
  write(`\n== ${name}`);
  const startedAt = performance.now();
  const counts = await runScript(command);
  results.push({ name, counts, seconds: Math.round((performance.now() - startedAt) / 1_000) });
}
write('');
for (const { name, counts, seconds } of results)
  write(`${name.padEnd(11)} ${String(seconds).padStart(4)} s  ${countsLine(counts)}`);
for (const failure of failures) write(failure);
const total = addCounts(results.map(({ counts }) => counts));
process.exitCode = total.failed === 0 ? 0 : 1;
write(countsLine(total));
