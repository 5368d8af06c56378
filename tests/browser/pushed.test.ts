import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { liveBeatSeconds, liveClose } from '@command-center/contract/live';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findChromium, launch } from './chromium.ts';
import { LiveServer } from './liveServer.ts';

const SCREENSHOTS = fileURLToPath(new URL('screenshots/', import.meta.url));
/** Long before a poll is due. */
const PUSHED_WITHIN_MS = 5_000;
/** With a poll in between, and a machine that others share. */
const POLLED_WITHIN_MS = 25_000;
const LONGEST_TASK_MS = 200;
/** A burst of 10,000 frames; it takes about one second. */
const CAUGHT_UP_WITHIN_MS = 10_000;

const executable = findChromium();

describe('the console in a browser, over a live socket', { timeout: 60_000 }, () => {
  let server: LiveServer;
  let browser: Browser;
  let page: Page;
  const complaints: string[] = [];

  beforeAll(async () => {
    if (executable === undefined) return;
    browser = await launch(executable);
    await mkdir(SCREENSHOTS, { recursive: true });
  });
  afterAll(async () => {
    await browser?.close();
  });
  beforeEach(async ({ skip }) => {
    skip(executable === undefined, 'no chromium, chromium-browser or google-chrome in PATH');
    server = await new LiveServer().start();
    page = await browser.newPage({ viewport: { width: 1440, height: 900 }, colorScheme: 'dark' });
    complaints.length = 0;
    page.on('pageerror', (error) => complaints.push(String(error)));
    return async () => {
      await page.close();
      await server.stop();
    };
  });

  const header = () => page.locator('[data-connection]');
  const trouble = () => page.locator('[data-trouble]');
  const verdict = (status: string) => page.locator(`[aria-label="Verdict"][data-status="${status}"]`);
  const feed = () => page.getByRole('region', { name: 'Errors, newest first' });

  /** Without what has no room at this width. */
  const seen = (selector: string) => page.evaluate(`document.querySelector('${selector}').innerText`);

  async function openLive(): Promise<void> {
    await page.goto(server.address);
    await header().filter({ hasText: '● live' }).waitFor();
    // What was asked before the page was live has been answered.
    await page.waitForLoadState('networkidle');
  }

  async function waitUntil(holds: () => boolean, withinMs = PUSHED_WITHIN_MS): Promise<void> {
    await expect.poll(holds, { timeout: withinMs, interval: 20 }).toBe(true);
  }

  it('subscribes with a ticket, and says that it is live', async () => {
    await openLive();
    expect(server.said).toEqual([{ type: 'subscribe', ticket: 'a-ticket', topics: ['overview'] }]);
    expect(complaints).toEqual([]);
  });

  it('moves verdict, cards, alerts and title by frames, without a request', async () => {
    await openLive();
    const before = server.asked.length;
    server.pushVitalSigns('degraded');
    await verdict('degraded').waitFor({ timeout: PUSHED_WITHIN_MS });
    expect(await page.title()).toContain('Degraded');
    expect(await page.locator('[data-sign="latency"] [data-value]').textContent()).toContain('1.38');
    expect(await page.getByText('2 alerts').count()).toBe(1);
    expect(server.asked.slice(before)).toEqual([]);
  });

  it('reads out a change of the verdict, and no number', async () => {
    await openLive();
    const announced = page.locator('[data-announced]');
    expect(await announced.textContent()).toBe('');
    server.pushVitalSigns('degraded');
    await announced.filter({ hasText: 'Degraded: p95 of GET' }).waitFor({ timeout: PUSHED_WITHIN_MS });
    const live = page.locator('[aria-live], [role="status"], [role="alert"]');
    expect(await live.evaluateAll((all) => all.map((one) => one.hasAttribute('data-announced')))).toEqual([true]);
  });

  it('moves the row of a service by its change', async () => {
    await openLive();
    const before = server.asked.length;
    const data = { service: 'postgresql', old_status: 'healthy', new_status: 'down', reason: 'no answer in 2 s' };
    server.push('admin.observability.health_change', data);
    const row = page.locator('[data-service="postgresql"][data-status="down"]');
    await row.getByText('no answer in 2 s').waitFor({ timeout: PUSHED_WITHIN_MS });
    expect(server.asked.slice(before)).toEqual([]);
  });

  it('keeps the rows of the feed in their places while somebody points at them', async () => {
    await openLive();
    server.pushError('card_declined', 'the first', 0, 'one');
    const first = feed().getByRole('listitem').first();
    await first.getByText('the first').waitFor({ timeout: PUSHED_WITHIN_MS });
    await first.hover();
    server.pushError('never_seen_before', 'of another kind', 0, 'two');
    server.pushError('card_declined', 'once more', 0, 'three');
    await feed().getByText('1 newer waits while you are at the list').waitFor({ timeout: PUSHED_WITHIN_MS });
    await first.getByText('once more').waitFor({ timeout: PUSHED_WITHIN_MS });
    expect(await first.textContent()).toContain('×2');
    await page.mouse.move(5, 5);
    await feed().getByText('of another kind').waitFor({ timeout: PUSHED_WITHIN_MS });
    expect(await feed().locator('[data-waiting]').count()).toBe(0);
  });

  it('puts an error on top of the feed, counts its repeats, and the same frame once', async () => {
    await openLive();
    const before = server.asked.length;
    server.pushError('card_declined', 'the first', 0, 'one');
    server.pushError('card_declined', 'the second', 0, 'two');
    server.pushError('card_declined', 'the first', 0, 'one');
    const first = feed().getByRole('listitem').first();
    await first.getByText('the second').waitFor({ timeout: PUSHED_WITHIN_MS });
    expect(await first.textContent()).toContain('×2');
    expect(server.asked.slice(before)).toEqual([]);
  });

  it('says how many errors came unsent, until a fetch counts them', async () => {
    await openLive();
    const before = server.count('/logs');
    server.pushError('card_declined', 'one of many', 9_990);
    const link = feed().getByRole('link', { name: 'and 9,990 more just now' });
    await link.waitFor({ timeout: PUSHED_WITHIN_MS });
    expect(await link.getAttribute('href')).toContain('tab=logs&level=ERROR');
    await link.waitFor({ state: 'detached', timeout: POLLED_WITHIN_MS });
    expect(server.count('/logs')).toBe(before + 1);
  });

  it(`10,000 errors in a burst keep no task longer than ${LONGEST_TASK_MS} ms`, async () => {
    await page.addInitScript(WATCH_LONG_TASKS);
    await openLive();
    await page.evaluate('window.longTasks.length = 0');
    for (let index = 0; index < 10_000; index += 1) server.pushError(`kind_${index % 60}`, `error ${index}`);
    server.pushError('the_last', 'nothing after it');
    // Drawn frame by frame instead of once an animation frame, they take 20 s.
    await feed().getByText('the_last').waitFor({ timeout: CAUGHT_UP_WITHIN_MS });
    const tasks = (await page.evaluate(LONG_TASKS)) as number[];
    process.stdout.write(`tasks over 50 ms in a burst of 10,000 errors: ${tasks.join(', ') || 'none'}\n`);
    expect(Math.max(0, ...tasks)).toBeLessThan(LONGEST_TASK_MS);
    expect(await feed().getByRole('listitem').count()).toBe(25);
  });

  it('polls when the socket is gone, says so, and comes back', async () => {
    await openLive();
    server.isOpen = false;
    server.scenario = 'down';
    const before = server.asked.length;
    server.cut();
    await expect
      .poll(() => seen('[data-trouble]'), { timeout: PUSHED_WITHIN_MS })
      .toMatch(/^▲ Live connection lost, (next try in \d+\ss|trying now)$/);
    expect(await seen('[data-connection]')).toMatch(/10\ss · polling/);
    // What the last frame said is not yet old.
    expect(server.asked.slice(before).filter((path) => path !== '/live/ticket')).toEqual([]);
    await page.screenshot({ path: `${SCREENSHOTS}live-lost.png` });
    await verdict('down').waitFor({ timeout: POLLED_WITHIN_MS });
    server.isOpen = true;
    await header().filter({ hasText: '● live' }).waitFor({ timeout: POLLED_WITHIN_MS });
    expect(await seen('[data-trouble]')).toBe('');
  });

  it('cut for a moment, it fetches the feed once, to count what it missed, and polls nothing', async () => {
    await openLive();
    const before = server.asked.length;
    server.cut();
    await waitUntil(() => server.said.length === 2);
    await waitUntil(() => server.asked.slice(before).includes('/logs'));
    await header().filter({ hasText: '● live' }).waitFor({ timeout: PUSHED_WITHIN_MS });
    await page.waitForLoadState('networkidle');
    expect(server.asked.slice(before)).toEqual(['/live/ticket', '/logs']);
  });

  it('asks before what it shows runs out, where frames only stop', async () => {
    await openLive();
    server.hasBeats = false;
    const before = server.count('/summary');
    await waitUntil(() => server.count('/summary') > before, POLLED_WITHIN_MS);
    expect(await header().textContent()).toContain('● live');
    expect(await verdict('ok').count()).toBe(1);
  });

  it('is barred where the identity of the socket has ended', async () => {
    await openLive();
    server.givesTickets = false;
    server.close(liveClose.ended);
    await page.getByRole('heading', { name: 'You are signed out' }).waitFor({ timeout: POLLED_WITHIN_MS });
  });

  it('closes the socket while it is hidden or paused, and comes back at once', async () => {
    await openLive();
    await page.evaluate(setVisibility('hidden'));
    await waitUntil(() => server.clients === 0);
    await page.evaluate(setVisibility('visible'));
    await header().filter({ hasText: '● live' }).waitFor({ timeout: PUSHED_WITHIN_MS });
    await header().click();
    await waitUntil(() => server.clients === 0);
    expect(await header().textContent()).toContain('paused');
  });

  it('nothing in the header moves from one state to the next, at any width', async () => {
    const places = async (): Promise<unknown[]> => {
      const all: unknown[] = [];
      for (const width of [768, 1000, 1240, 1440]) {
        await page.setViewportSize({ width, height: 900 });
        const parts = page.locator('header').first().locator('button, label, h1');
        const boxes = await parts.evaluateAll((found) => found.map((one) => one.getBoundingClientRect().toJSON()));
        all.push(width, await page.evaluate('document.documentElement.scrollWidth'), boxes);
      }
      return all;
    };
    server.isOpen = false;
    await page.goto(server.address);
    await trouble().filter({ hasText: 'No live connection' }).waitFor();
    const lost = await places();
    server.isOpen = true;
    await header().filter({ hasText: '● live' }).waitFor({ timeout: POLLED_WITHIN_MS });
    const live = await places();
    await header().click();
    await header().filter({ hasText: 'paused' }).waitFor();
    expect([live, await places()]).toEqual([lost, lost]);
  });

  it.each([
    ['live', true, 30],
    ['polling', false, 40],
  ] as const)('idle and %s, it asks little in a minute', async (_, isConfigured, most) => {
    server.isConfigured = isConfigured;
    await page.clock.install();
    await page.goto(server.address);
    await verdict('ok').waitFor();
    await page.waitForLoadState('networkidle');
    await page.clock.runFor(1_000);
    if (isConfigured) await header().filter({ hasText: '● live' }).waitFor();
    const before = server.asked.length;
    await passMinute();
    const inMinute = server.asked.slice(before);
    process.stdout.write(`${inMinute.length} requests in a minute: ${inMinute.toSorted().join(' ')}\n`);
    expect(inMinute.length).toBeLessThanOrEqual(most);
    expect(inMinute.includes('/summary')).toBe(!isConfigured);
    await page.evaluate(setVisibility('hidden'));
    const shown = server.asked.length;
    await passMinute();
    expect(server.asked.slice(shown)).toEqual([]);
  });

  /** By the page's clock, in steps that are short beside a cadence: an answer comes at the end of its step. The server's beats go on. */
  async function passMinute(): Promise<void> {
    for (let second = 0; second < 60; second += 1) {
      if (second % liveBeatSeconds === 0) server.pushVitalSigns('ok');
      await page.clock.runFor(1_000);
      // What the page asked for before this has been answered, and the frames before it have come.
      await page.evaluate(`fetch('/icon.svg').then((answer) => answer.text())`);
    }
  }
});

/** Keeps the durations of tasks over 50 ms (Long Tasks API), in ms. */
const WATCH_LONG_TASKS = `
  window.longTasks = [];
  new PerformanceObserver((list) => {
    window.longTasks.push(...list.getEntries().map(({ duration }) => duration));
  }).observe({ type: 'longtask' });`;

/** Those so far. They are told in their order, so a task that is known to be long is waited for, and left out. */
const LONG_TASKS = `new Promise((done) => {
  const before = window.longTasks;
  window.longTasks = [];
  setTimeout(() => {
    const untilMs = performance.now() + 80;
    while (performance.now() < untilMs);
    const timer = setInterval(() => {
      if (window.longTasks.length === 0) return;
      clearInterval(timer);
      done([...before, ...window.longTasks.slice(0, -1)]);
    }, 10);
  });
})`;

/** A headless page is never hidden by itself. */
function setVisibility(state: 'hidden' | 'visible'): string {
  return `Object.defineProperty(document, 'visibilityState', { value: '${state}', configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));`;
}
