import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import { scenarios } from '../../web/dev/scenario.ts';
import { tabs } from '../../web/src/state/view.ts';
import { consoleTest as it } from './stage.ts';

/** WCAG 2.2 up to AA, and what axe holds for good practice. */
const RUN_AXE = `axe.run(document, {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
}).then(({ violations }) => violations.flatMap(({ id, nodes }) =>
  nodes.map(({ target, failureSummary }) => id + ' ' + target.join(' ') + ': ' + failureSummary.replaceAll(/\\s+/g, ' ')))) `;

async function violationsOf(page: Page): Promise<string[]> {
  if ((await page.evaluate('typeof axe')) === 'undefined') await page.evaluate(axe.source);
  return page.evaluate<string[]>(RUN_AXE);
}

describe.concurrent('axe finds nothing', () => {
  it.for(tabs)('%s, dark and light', async (tab, { open }) => {
    const { page, answered } = await open({ path: `/command-center?range=1h&tab=${tab}`, scenario: 'degraded' });
    await page.locator('[data-value]').first().waitFor();
    await page.locator(`[data-tab="${tab}"]`).waitFor();
    await answered();
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme });
      expect([colorScheme, await violationsOf(page)]).toEqual([colorScheme, []]);
    }
  });

  it('in any other state of the first screen', async ({ open }) => {
    const { page, api, answered } = await open({ colorScheme: 'light' });
    for (const scenario of scenarios) {
      api.scenario = scenario;
      await page.reload();
      await answered();
      expect([scenario, await violationsOf(page)]).toEqual([scenario, []]);
    }
  });

  it('in the list of keys and the choice of time', async ({ open }) => {
    const { page } = await open();
    await page.locator('[data-value]').first().waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog').waitFor();
    expect(await violationsOf(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'custom' }).click();
    await page.getByLabel('From').waitFor();
    expect(await violationsOf(page)).toEqual([]);
  });
});
