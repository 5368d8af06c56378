import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createLoginLink, startApi } from '@command-center/api/entry/node';
import { livePath } from '@command-center/contract/live';
import { readSettings } from '@command-center/contract/settings/settings';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { findChromium, launch } from '../browser/chromium.ts';
import { freePorts } from '../processes/collector.ts';
import { startDemo } from '../processes/demo.ts';
import { startSidecar } from '../processes/sidecar.ts';
import { openMonth } from './month/database.ts';

/**
 * `npm run bench:console`: from the address to a useful page, over 30 days of data with a platform that reports (the demo), API, sidecar and Postgres on this
 * machine. Useful: the verdict, four numbers, the services and a row of the feed are drawn. Each run has an empty cache; on loopback, then as Chromium's
 * developer tools throttle to "Fast 3G" (562.5 ms a round trip, 1.44 Mbit/s down, 0.675 up). Beside it the web vitals (largest contentful paint, layout
 * shift, and blocking: what tasks take beyond 50 ms), and what an idle open page asks for in a minute, live. Medians of `--runs`. `--data FOLDER`: see
 * bench:storage. Last line: one JSON object.
 */

const { values: flags } = parseArgs({
  options: {
    days: { type: 'string', default: '30' },
    logs: { type: 'string', default: '1000000' },
    spans: { type: 'string', default: '1000000' },
    runs: { type: 'string', default: '7' },
    data: { type: 'string' },
  },
});
const runs = Number(flags.runs);
const say = (line: string): void => void process.stderr.write(`${line}\n`);
const WEB_ROOT = fileURLToPath(new URL('../../web/dist', import.meta.url));
const FAST_3G = { offline: false, latency: 562.5, downloadThroughput: 1_440_000 / 8, uploadThroughput: 675_000 / 8 };
const IDLE_MS = 60_000;

/** Notes when the page is useful, and its vitals, from before its own scripts run. */
const WATCH = `(() => {
  const vitals = (window.vitals = { usefulMs: null, lcpMs: 0, shift: 0, blockingMs: 0 });
  const isUseful = () =>
    document.querySelector('[aria-label="Verdict"]') !== null &&
    document.querySelectorAll('[data-sign] [data-value]').length === 4 &&
    document.querySelectorAll('[data-service]').length > 0 &&
    document.querySelectorAll('[aria-labelledby="feed-title"] li').length > 0;
  const look = () => {
    if (isUseful()) vitals.usefulMs = performance.now();
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
  const watch = (type, take) => new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true });
  watch('largest-contentful-paint', (entry) => (vitals.lcpMs = entry.startTime));
  watch('layout-shift', (entry) => entry.hadRecentInput || (vitals.shift += entry.value));
  watch('longtask', (entry) => (vitals.blockingMs += Math.max(0, entry.duration - 50)));
})()`;

interface Vitals {
  readonly usefulMs: number;
  readonly lcpMs: number;
  readonly shift: number;
  readonly blockingMs: number;
}

const executable = findChromium();
if (executable === undefined) throw new Error('no chromium, chromium-browser or google-chrome in PATH');
const month = await openMonth(
  { days: Number(flags.days), logs: Number(flags.logs), spans: Number(flags.spans), say },
  flags.data,
);
// Who built the month has led until now.
await month.sql`DELETE FROM telemetry_leader`;
const [own = 0, consolePort = 0] = await freePorts(2);
const environment = {
  COMMAND_CENTER_SIDECAR_PORT: String(own),
  COMMAND_CENTER_LIVE_URL: `ws://127.0.0.1:${own}${livePath}`,
  COMMAND_CENTER_ALLOWED_ORIGINS: `http://127.0.0.1:${consolePort}`,
};
const sidecar = await startSidecar(month.postgres.url, environment);
const api = await startApi({
  settings: readSettings({ ...environment, COMMAND_CENTER_SESSION_SECRET: 'x'.repeat(32) }),
  databaseUrl: month.postgres.url,
  host: '127.0.0.1',
  port: consolePort,
  webRoot: WEB_ROOT,
});
const demo = startDemo(['--endpoint', sidecar.http, '--history', '0', '--duration', '30m']);
const browser = await launch(executable);
try {
  const session = await signIn(browser);
  const loopback = await medians(session, false);
  const fast3g = await medians(session, true);
  const idleRequests = await idle(session);
  process.stdout.write(`${JSON.stringify({ loopback, fast3g, idle_requests_a_minute: idleRequests })}\n`);
} finally {
  await browser.close();
  demo.signal('SIGTERM');
  await demo.ended();
  await api.stop();
  await sidecar.stop();
  await month.stop();
}

/** The session of somebody who came by the login link, once the platform reports. */
async function signIn(of: Browser): Promise<Awaited<ReturnType<BrowserContext['storageState']>>> {
  const context = await of.newContext();
  const page = await context.newPage();
  await page.goto(await createLoginLink(month.sql, api.url));
  await page.locator('[data-sign="latency"] [data-value]').filter({ hasText: /\d/ }).waitFor({ timeout: 90_000 });
  const state = await context.storageState();
  await context.close();
  return state;
}

async function newPage(storageState: Awaited<ReturnType<typeof signIn>>): Promise<Page> {
  const context = await browser.newContext({ storageState, viewport: { width: 1440, height: 900 } });
  return context.newPage();
}

async function medians(session: Awaited<ReturnType<typeof signIn>>, isThrottled: boolean): Promise<Vitals> {
  const found: Vitals[] = [];
  for (let run = 0; run < runs; run += 1) {
    const page = await newPage(session);
    await page.addInitScript(WATCH);
    if (isThrottled) {
      const client = await page.context().newCDPSession(page);
      await client.send('Network.emulateNetworkConditions', FAST_3G);
    }
    await page.goto(`${api.url}/command-center`);
    await page.locator('[aria-labelledby="feed-title"] li').first().waitFor({ timeout: 60_000 });
    // The tab below, whose charts come later, must move nothing either.
    await page.waitForLoadState('networkidle').catch(() => undefined);
    const vitals = (await page.evaluate('window.vitals')) as Vitals;
    say(JSON.stringify(vitals));
    found.push(vitals);
    await page.context().close();
  }
  const median = (key: keyof Vitals): number => {
    const sorted = found.map((one) => one[key]).sort((a, b) => a - b);
    return Number((sorted[sorted.length >> 1] ?? 0).toFixed(key === 'shift' ? 4 : 0));
  };
  return {
    usefulMs: median('usefulMs'),
    lcpMs: median('lcpMs'),
    shift: median('shift'),
    blockingMs: median('blockingMs'),
  };
}

/** Requests of the API in a minute of a page that nobody touches. */
async function idle(session: Awaited<ReturnType<typeof signIn>>): Promise<number> {
  const page = await newPage(session);
  await page.goto(`${api.url}/command-center`);
  await page.locator('[data-connection]').filter({ hasText: '● live' }).waitFor();
  await page.waitForLoadState('networkidle').catch(() => undefined);
  let requests = 0;
  page.on('request', () => {
    requests += 1;
  });
  await page.waitForTimeout(IDLE_MS);
  await page.context().close();
  return requests;
}
