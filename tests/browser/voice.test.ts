import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { findChromium, launch } from './chromium.ts';
import { LiveServer } from './liveServer.ts';

/** Long before a poll is due. */
const PUSHED_WITHIN_MS = 5_000;

const executable = findChromium();
const topicsOf = (said: readonly unknown[]) => said.map((message) => (message as { topics: string[] }).topics);

describe('the Voice tab in a browser, over a live socket', { timeout: 60_000 }, () => {
  let server: LiveServer;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    if (executable !== undefined) browser = await launch(executable);
  });
  afterAll(async () => {
    await browser?.close();
  });
  beforeEach(async ({ skip }) => {
    skip(executable === undefined, 'no chromium, chromium-browser or google-chrome in PATH');
    server = await new LiveServer().start();
    page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    return async () => {
      await page.close();
      await server.stop();
    };
  });

  const sessions = () => page.locator('[data-level="kaiku_voice_sessions_active"] [data-value]');
  const lastHour = () => page.locator('[data-reading="Last hour"]');
  const pulse = (active_sessions: number, join_success_rate_1h: number) =>
    server.push('admin.observability.voice_pulse', { active_sessions, active_rooms: 7, join_success_rate_1h });

  it('asks to be told of voice while it is open, on the ticket that there is', async () => {
    await page.goto(`${server.address}/?tab=infrastructure`);
    await page.locator('[data-connection]').filter({ hasText: '● live' }).waitFor();
    await page.keyboard.press('2');
    await sessions().waitFor();
    await page.keyboard.press('4');
    await vi.waitFor(() => expect(server.said).toHaveLength(3));
    expect(topicsOf(server.said)).toEqual([['overview'], ['overview', 'voice'], ['overview']]);
    expect(server.count('/live/ticket')).toBe(1);
  });

  it('moves sessions, rooms and join success with a pulse, without a fetch', async () => {
    await page.goto(`${server.address}/?tab=voice`);
    await page.locator('[data-connection]').filter({ hasText: '● live' }).waitFor();
    await page.waitForLoadState('networkidle');
    const asked = server.count('/voice/summary');
    pulse(71, 78.1);
    await sessions().filter({ hasText: '71' }).waitFor({ timeout: PUSHED_WITHIN_MS });
    expect(await lastHour().textContent()).toMatch(/red\s*78\.1\s%\s*208 of 210 at \d\d:\d\d/);
    pulse(72, 99);
    await sessions().filter({ hasText: '72' }).waitFor({ timeout: PUSHED_WITHIN_MS });
    expect(await lastHour().textContent()).toContain('green');
    expect(server.count('/voice/summary')).toBe(asked);
  });
});
