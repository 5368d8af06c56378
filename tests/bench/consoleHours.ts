import process from 'node:process';
import { parseArgs } from 'node:util';
import { passMinutes, type Weight } from '../console/hours.ts';
import { newPage, openConsole, startStage } from '../console/open.ts';

/**
 * `npm run bench:console-hours`: whether a console that stays open grows. Twelve hours pass on its clock, live, in some minutes of ours; each hour its
 * garbage is collected, and its heap and nodes are counted. Fails where since the first hour the heap has grown by 2 MB, or the nodes by a hundred.
 * `--hours 12`, `--tab golden`. Last line: one JSON object.
 */

const { values: flags } = parseArgs({
  options: { hours: { type: 'string', default: '12' }, tab: { type: 'string', default: 'golden' } },
});
const mostBytes = 2_000_000;
/** Of 4,600: labels of axes and of readings come and go with the time of day. */
const mostNodes = 100;
const hours = Number(flags.hours);

const stage = await startStage();
if (stage === null) throw new Error('no chromium, chromium-browser or google-chrome in PATH');
const weights: Weight[] = [];
try {
  const options = { path: `/command-center?range=1h&tab=${flags.tab}`, isLive: true, isClockHeld: true };
  const page = await newPage(stage.browser, options);
  const console = await openConsole(page, stage.address, options);
  await page.locator('[data-value]').first().waitFor();
  await passMinutes(console, hours * 60, 60, (weight) => {
    weights.push(weight);
    const { minute, heapBytes, nodes } = weight;
    process.stderr.write(`hour ${minute / 60}: ${(heapBytes / 1_000_000).toFixed(2)} MB, ${nodes} nodes\n`);
  });
} finally {
  await stage.close();
}
const [first, last] = [weights[0], weights.at(-1)];
if (first === undefined || last === undefined) throw new Error('less than an hour passed');
const grownBytes = last.heapBytes - first.heapBytes;
const grownNodes = last.nodes - first.nodes;
process.stdout.write(`${JSON.stringify({ tab: flags.tab, hours, grownBytes, grownNodes, weights })}\n`);
if (grownBytes >= mostBytes || grownNodes >= mostNodes) process.exitCode = 1;
