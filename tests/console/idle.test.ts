import { liveBeatSeconds } from '@command-center/contract/live';
import { describe, expect } from 'vitest';
import { tabs } from '../../web/src/state/view.ts';
import type { OpenConsole } from './open.ts';
import { consoleTest as it } from './stage.ts';

const MINUTE_SECONDS = 60;
/** The figures: requests in a minute of an open console that nobody touches. */
const MOST = { live: 30, polling: 40 } as const;

/** A headless page is never hidden by itself. */
const hide = (state: 'hidden' | 'visible') => `
  Object.defineProperty(document, 'visibilityState', { value: '${state}', configurable: true });
  document.dispatchEvent(new Event('visibilitychange'));`;

/** In steps that every cadence is a multiple of: what is due is asked for at the end of one, and answered at once. */
async function passMinute({ live, advance }: OpenConsole): Promise<void> {
  for (let second = 0; second < MINUTE_SECONDS; second += liveBeatSeconds) {
    live.pushVitalSigns();
    await advance(liveBeatSeconds * 1_000);
  }
}

describe.concurrent('an open console that nobody touches', () => {
  it.for(tabs.flatMap((tab) => (['live', 'polling'] as const).map((way) => ({ tab, way }))))(
    '$tab, $way: asks little in a minute',
    async ({ tab, way }, { open }) => {
      // A short range: what is asked is counted, and not how much is answered.
      const console = await open({
        path: `/command-center?range=1h&tab=${tab}`,
        isLive: way === 'live',
        isClockHeld: true,
      });
      await console.page.locator('[data-value]').first().waitFor();
      // What is asked at first has been answered at one time.
      for (let step = 0; step < 3; step += 1) await console.advance(20);
      if (way === 'live') await console.page.locator('[data-connection]').filter({ hasText: '● live' }).waitFor();
      const before = console.api.asked.length;
      await passMinute(console);
      const asked = console.api.asked.slice(before);
      process.stdout.write(`${tab}, ${way}: ${asked.length} requests in a minute\n`);
      expect(asked.length, asked.toSorted().join('\n')).toBeLessThanOrEqual(MOST[way]);
    },
  );

  it.for(['live', 'polling'] as const)('hidden, %s: asks nothing', async (way, { open }) => {
    const console = await open({ path: '/command-center', isLive: way === 'live', isClockHeld: true });
    const { page, api, live, advance } = console;
    await page.locator('[data-value]').first().waitFor();
    await advance(500);
    await page.evaluate(hide('hidden'));
    await advance(100);
    const before = api.asked.length;
    await passMinute(console);
    expect(api.asked.slice(before)).toEqual([]);
    expect(live.sockets).toBe(0);
    await page.evaluate(hide('visible'));
    await advance(100);
    expect(api.asked.length).toBeGreaterThan(before);
  });

  it('opened in the background: asks nothing until somebody looks', async ({ open }) => {
    const console = await open({ isLive: true, isClockHeld: true, before: hide('hidden') });
    await console.page.locator('main').waitFor();
    await passMinute(console);
    expect(console.api.asked).toEqual([]);
    await console.page.evaluate(hide('visible'));
    await console.page.locator('[data-value]').first().waitFor();
  });

  it('paused: asks nothing', async ({ open }) => {
    const console = await open({ path: '/command-center?tab=logs&paused=1', isLive: true, isClockHeld: true });
    await console.page.locator('[data-log]').first().waitFor();
    await console.advance(100);
    const before = console.api.asked.length;
    await passMinute(console);
    expect(console.api.asked.slice(before)).toEqual([]);
    expect(console.live.sockets).toBe(0);
  });
});
