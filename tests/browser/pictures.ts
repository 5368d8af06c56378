import { mkdir } from 'node:fs/promises';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startAllInOne } from '../processes/allInOne.ts';
import { startDemo } from '../processes/demo.ts';
import { findChromium, launch } from './chromium.ts';

/** `npm run screenshots:readme`: the pictures of README.md, of a new all-in-one that the demo reports to, near the end of an incident. */

const FOLDER = fileURLToPath(new URL('../../docs/images/', import.meta.url));
const STORY = { duration: '6m', incidentAfter: '200s' };
/** The incident holds then: its first minute is whole, and nothing has passed yet. */
const PICTURE_AFTER_MS = 268_000;

const executable = findChromium();
if (executable === undefined) throw new Error('no chromium, chromium-browser or google-chrome in PATH');
await mkdir(FOLDER, { recursive: true });
const product = await startAllInOne();
const browser = await launch(executable);
const demo = startDemo([
  ...['--endpoint', product.http, '--history', '0'],
  ...['--duration', STORY.duration, '--incident-after', STORY.incidentAfter],
]);
try {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, colorScheme: 'dark' });
  await page.goto(product.loginLink);
  await page.getByRole('heading', { name: 'Command Center' }).waitFor();
  const fromMs = Date.now();
  await delay(PICTURE_AFTER_MS);
  const view = `from=${fromMs}&to=${Date.now()}`;
  for (const theme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme: theme });
    await page.goto(`${product.console}/command-center?${view}`);
    await page.locator('[data-sign="latency"] [data-value]').filter({ hasText: /\d/ }).waitFor();
    // The charts' data comes after the summary's.
    await page.waitForLoadState('networkidle');
    const path = `${FOLDER}console-${theme}.png`;
    await page.screenshot({ path });
    process.stdout.write(`${path}\n`);
  }
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.goto(`${product.console}/command-center?${view}&incident=1`);
  await page.waitForLoadState('networkidle');
  const path = `${FOLDER}golden-signals.png`;
  await page.locator('.detail').screenshot({ path });
  process.stdout.write(`${path}\n`);
} finally {
  demo.signal('SIGTERM');
  await demo.ended();
  await browser.close();
  await product.stop();
}
