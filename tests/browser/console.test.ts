import { mkdir } from 'node:fs/promises';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { SeverityNumber } from '@opentelemetry/api';
import { AggregationType } from '@opentelemetry/sdk-metrics';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { tabs } from '../../web/src/state/view.ts';
import { type Client, encodings, openClient } from '../e2e/client.ts';
import { type AllInOne, startAllInOne } from '../processes/allInOne.ts';
import { startDemo } from '../processes/demo.ts';
import { findChromium, launch } from './chromium.ts';

const SCREENSHOTS = fileURLToPath(new URL('screenshots/', import.meta.url));
/** The console polls; nothing is pushed to it yet. */
const POLLED_WITHIN_MS = 30_000;
const ROUTE = { 'http.request.method': 'GET', 'http.route': '/api/v1/guilds/{id}' };

const executable = findChromium();

describe('the console in a browser, over the all-in-one', { timeout: 90_000 }, () => {
  let product: AllInOne;
  let browser: Browser;
  let page: Page;
  let client: Client;
  const complaints: string[] = [];
  const foreign: string[] = [];

  beforeAll(async () => {
    if (executable === undefined) return;
    product = await startAllInOne();
    process.stdout.write(`npm start: ${product.startMs.toFixed(0)} ms to the ready line, with a new database\n`);
    browser = await launch(executable);
    page = await browser.newPage({ viewport: { width: 1440, height: 900 }, colorScheme: 'dark' });
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(product.console)) foreign.push(request.url());
    });
    const [grpc] = encodings;
    if (grpc === undefined) throw new Error('no encodings');
    client = openClient(grpc, product, 'orders', {
      views: [
        {
          instrumentName: 'http.server.request.duration',
          aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM },
        },
      ],
    });
    await mkdir(SCREENSHOTS, { recursive: true });
  });
  afterAll(async () => {
    await client?.close();
    await browser?.close();
    const ended = await product?.stop();
    expect(ended?.code).toBe(executable === undefined ? undefined : 0);
  });
  beforeEach(({ skip }) => skip(executable === undefined, 'no chromium, chromium-browser or google-chrome in PATH'));

  const value = (sign: string) => page.locator(`[data-sign="${sign}"] [data-value]`);

  it('the login link leads to the console and leaves no token in the address', async () => {
    await page.goto(product.loginLink);
    // The login page, which goes on by itself, has a heading of that name too.
    await page.waitForURL('**/command-center');
    await page.getByRole('heading', { name: 'Command Center' }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/command-center');
    expect(page.url()).not.toContain('token');
    // Whatever follows must happen on this very page.
    await page.evaluate('window.isFirstPage = true');
  });

  it('before any data it says what to send, with the address of its own door', async () => {
    await page.getByText(product.grpc, { exact: false }).first().waitFor({ timeout: POLLED_WITHIN_MS });
  });

  it('metrics pushed through the SDK change the vital signs without a reload', async () => {
    const durations = client.meter.createHistogram('http.server.request.duration', { unit: 's' });
    for (let request = 0; request < 380; request += 1) durations.record(0.02 + request / 10_000, ROUTE);
    for (let request = 0; request < 20; request += 1)
      durations.record(0.4, { ...ROUTE, 'http.response.status_code': 503, 'error.type': '503' });
    await delay(2);
    const sentAt = performance.now();
    await client.flush();
    await value('latency')
      .filter({ hasText: /\d+(\.\d+)?\s*ms/ })
      .waitFor({ timeout: POLLED_WITHIN_MS });
    await value('errors')
      .filter({ hasText: /5(\.0+)?\s*%/ })
      .waitFor({ timeout: POLLED_WITHIN_MS });
    process.stdout.write(`vital signs changed ${(performance.now() - sentAt).toFixed(0)} ms after the export\n`);
    expect(await page.evaluate('window.isFirstPage')).toBe(true);
  });

  it('an ERROR log arrives in the feed without a reload', async () => {
    client.logger.emit({
      severityNumber: SeverityNumber.ERROR,
      eventName: 'store.failed',
      body: 'the session store does not answer',
    });
    const sentAt = performance.now();
    await client.flush();
    const feed = page.getByRole('region', { name: 'Errors, newest first' });
    await feed.getByText('store.failed').waitFor({ timeout: POLLED_WITHIN_MS });
    expect(await feed.getByText('the session store does not answer').count()).toBe(1);
    process.stdout.write(`the error was on the page ${(performance.now() - sentAt).toFixed(0)} ms after its export\n`);
    expect(await page.evaluate('window.isFirstPage')).toBe(true);
  });

  it('the theme switches, and both themes fit at 1440 and 768 px', async () => {
    const flags = [
      ...['--endpoint', product.http, '--history', '0', '--duration', '8s'],
      ...['--speed', '10', '--incident-after', '25s'],
    ];
    expect(await startDemo(flags).ended()).toMatchObject({ code: 0 });
    await page.getByText('db.pool.timeout').first().waitFor({ timeout: POLLED_WITHIN_MS });
    const background = () => page.evaluate('getComputedStyle(document.documentElement).backgroundColor');
    // Panels whose content runs out of them, which the page's own width does not show.
    const spilling = () =>
      page.evaluate(
        `[...document.querySelectorAll('.panel')].filter((panel) => panel.scrollWidth > panel.clientWidth)
          .map((panel) => panel.getAttribute('aria-labelledby') ?? panel.getAttribute('aria-label'))`,
      );
    const seen: unknown[] = [];
    for (const theme of ['dark', 'light']) {
      for (const width of [1440, 768]) {
        await page.setViewportSize({ width, height: 900 });
        await page.screenshot({ path: `${SCREENSHOTS}console-${theme}-${width}.png`, fullPage: true });
        const overflow = await page.evaluate('document.documentElement.scrollWidth - window.innerWidth');
        expect([theme, width, await spilling()]).toEqual([theme, width, []]);
        expect([theme, width, overflow]).toEqual([theme, width, expect.toSatisfy((pixels: number) => pixels <= 0)]);
      }
      seen.push(await background());
      await page.getByRole('button', { name: theme === 'dark' ? 'Light' : 'Dark', exact: true }).click();
    }
    expect(new Set(seen).size).toBe(2);
    expect(await background()).toBe(seen[0]);
  });

  it('a page that is narrower than its charts need is still one', async () => {
    await page.setViewportSize({ width: 120, height: 900 });
    await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))');
    // What the charts make of no room is among the complaints below.
    await page.getByRole('heading', { name: 'Command Center' }).waitFor();
    await page.setViewportSize({ width: 1440, height: 900 });
  });

  it('every tab works with no link, collector, Valkey or S3 configured', async () => {
    for (const [index, tab] of tabs.entries()) {
      await page.keyboard.press(String(index + 1));
      const open = page.locator(`[data-tab="${tab}"]`);
      await open.getByRole('heading').first().waitFor();
      await open.getByText('Loading…').first().waitFor({ state: 'detached' });
      expect([tab, await open.getByRole('alert').allTextContents()]).toEqual([tab, []]);
      expect([tab, await open.getByText('Open in').count()]).toEqual([tab, 0]);
    }
  });

  it('asks nobody but its own origin, and complains of nothing', () => {
    expect(foreign).toEqual([]);
    expect(complaints).toEqual([]);
  });
});
