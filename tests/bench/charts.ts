import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { CDPSession, Page } from 'playwright-core';
import { findChromium, launch } from '../browser/chromium.ts';

/**
 * `npm run bench:charts`: whether twelve charts of a day of minutes in three series each follow a drag and a crosshair at the screen's pace.
 *
 * The page is `web/dev/board`, with the charts of the console and made data. A mouse drags all charts (shift) and then wanders over one, once a frame, for
 * `FRAMES` frames; told are the times between frames as the browser draws them, and the main thread's work a frame, which says how much room is left. Last
 * line: one JSON object. Chromium draws without a graphics card here.
 */

const FRAMES = 240;
const WEB = fileURLToPath(new URL('../../web', import.meta.url));

interface Measured {
  readonly frames: number;
  readonly medianMs: number;
  readonly p95Ms: number;
  readonly longestMs: number;
  /** Script, style, layout and paint on the main thread. */
  readonly workMs: number;
}

const executable = findChromium();
if (executable === undefined) throw new Error('no chromium, chromium-browser or google-chrome in PATH');
const folder = await mkdtemp(join(tmpdir(), 'command-center-board-'));
// As the console is built: development builds of Svelte are another program.
const flags = ['build', 'dev/board', '--config', 'vite.config.ts', '--outDir', folder, '--emptyOutDir'];
await promisify(execFile)('vite', [...flags, '--logLevel', 'error'], { cwd: WEB });
const browser = await launch(executable);
try {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, colorScheme: 'dark' });
  await page.route('http://board.test/**', (route) => {
    const { pathname } = new URL(route.request().url());
    return route.fulfill({ path: join(folder, pathname === '/' ? 'index.html' : pathname) });
  });
  await page.goto('http://board.test/');
  const plot = page.locator('.pointer').first();
  await plot.waitFor();
  const box = await plot.boundingBox();
  if (box === null) throw new Error('the chart has no place');
  const [left, y] = [box.x + 20, box.y + box.height / 2];
  const walk = async (): Promise<void> => {
    for (let step = 0; step < FRAMES; step += 1) {
      await page.mouse.move(left + Math.abs((step % 200) - 100) * 2, y);
      await page.evaluate('new Promise(requestAnimationFrame)');
    }
  };
  const crosshair = await measured(page, walk);
  await page.keyboard.down('Shift');
  await page.mouse.down();
  const pan = await measured(page, walk);
  await page.mouse.up();
  const points = await page.evaluate('document.querySelectorAll("figure path").length');
  process.stderr.write(`${String(points)} paths\n`);
  process.stdout.write(`${JSON.stringify({ pan, crosshair })}\n`);
} finally {
  await browser.close();
  await rm(folder, { recursive: true });
}

async function measured(page: Page, act: () => Promise<void>): Promise<Measured> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  await page.evaluate(`frames = []; isOn = true;
    (function next(at) { frames.push(at); if (isOn) requestAnimationFrame(next); })(performance.now())`);
  const before = await taskSeconds(session);
  await act();
  const worked = (await taskSeconds(session)) - before;
  const at = (await page.evaluate('isOn = false; frames')) as number[];
  const between = at.slice(1).map((ms, index) => ms - (at[index] ?? ms));
  const sorted = between.filter((ms) => ms > 0).sort((a, b) => a - b);
  const quantile = (share: number): number => Number((sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(1));
  return {
    frames: sorted.length,
    medianMs: quantile(0.5),
    p95Ms: quantile(0.95),
    longestMs: quantile(1),
    workMs: Number(((worked * 1_000) / sorted.length).toFixed(1)),
  };
}

async function taskSeconds(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0;
}
