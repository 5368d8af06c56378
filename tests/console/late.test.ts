import { describe, expect } from 'vitest';
import { eventually } from '../processes/api.ts';
import { consoleTest as it } from './stage.ts';

/** A tab's own file; the browser asks for it when it is needed, or before when there is time. */
const voiceFile = '**/Voice-*.js';

describe.concurrent('what the first screen does not show', () => {
  it('is there before it is opened, also in a browser that does not say when it is idle', async ({ open }) => {
    const { page } = await open({ before: 'delete globalThis.requestIdleCallback;' });
    // Asked for without a click.
    await eventually(
      () => page.evaluate<string>(`performance.getEntriesByType('resource').map(({ name }) => name).join(' ')`),
      (names) => names.includes('/Voice-'),
    );
    await page.context().setOffline(true);
    await page.keyboard.press('2');
    await page.locator('[data-tab="voice"]').getByRole('heading').first().waitFor();
  });

  it('says so where it cannot be loaded, with a way out, and the first screen lives', async ({ open }) => {
    const { page } = await open({ before: 'globalThis.requestIdleCallback = () => 0;' });
    await page.route(voiceFile, (route) => route.abort());
    await page.locator('[data-value]').first().waitFor();
    await page.keyboard.press('2');
    const tab = page.locator('[data-tab="voice"]');
    await tab.getByText('This part of the console could not be loaded').waitFor();
    expect(await tab.getByRole('button', { name: 'Reload' }).count()).toBe(1);
    expect(await page.locator('[data-service]').count()).toBe(7);
    await page.unroute(voiceFile);
    await tab.getByRole('button', { name: 'Reload' }).click();
    await tab.getByRole('heading').first().waitFor();
  });
});
