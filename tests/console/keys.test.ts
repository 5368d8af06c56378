import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import { type Key, keys } from '../../web/src/state/keys.ts';
import { tabNames, tabs } from '../../web/src/state/view.ts';
import type { OpenConsole } from './open.ts';
import { consoleTest as it } from './stage.ts';

const dialog = (page: Page) => page.getByRole('dialog', { name: 'Keys' });
const addressHas = (page: Page, part: string) => page.waitForURL((url) => url.search.includes(part));
const isFocused = (page: Page, selector: string) => page.locator(`${selector}:focus`).waitFor();
const row = (nth: number) => `tr[data-log]:nth-of-type(${nth}) [data-row]`;

async function press(page: Page, ...pressed: readonly string[]): Promise<void> {
  for (const key of pressed) await page.keyboard.press(key === 'Esc' ? 'Escape' : key);
}

const opensTab =
  (nth: 1 | 2 | 3 | 4 | 5 | 6) =>
  async ({ page }: OpenConsole): Promise<void> => {
    // From another one.
    await press(page, nth === 4 ? '6' : '4');
    await press(page, String(nth));
    const name = tabNames[tabs[nth - 1] ?? 'golden'];
    await page.getByRole('region', { name, exact: true }).waitFor();
    expect(await page.locator('nav[aria-label="Sections"] [aria-current="page"]').textContent()).toContain(name);
  };

/** What each key does, on the logs. */
const effects: Readonly<Record<Key, (console: OpenConsole) => Promise<void>>> = {
  '1': opensTab(1),
  '2': opensTab(2),
  '3': opensTab(3),
  '4': opensTab(4),
  '5': opensTab(5),
  '6': opensTab(6),
  async t({ page }) {
    await press(page, 't');
    await isFocused(page, '#time-range input');
    await press(page, 'ArrowRight');
    await addressHas(page, 'range=7d');
  },
  async '['({ page, api }) {
    await press(page, '[');
    await addressHas(page, 'from=');
    await api.until(() => spanMs(api.query('/logs', { limit: '50' })) === 24 * 3_600_000);
  },
  async ']'({ page }) {
    await press(page, '[', '[');
    await addressHas(page, 'from=');
    // Once more, as some time has passed.
    await press(page, ']', ']', ']');
    await page.waitForURL((url) => url.search === '?tab=logs');
  },
  async r({ page, api }) {
    const before = ['/summary', '/logs'].map((path) => api.count(path));
    await press(page, 'r');
    await api.until(() => ['/summary', '/logs'].every((path, index) => api.count(path) > (before[index] ?? 0)));
  },
  async p({ page }) {
    const way = page.locator('[data-connection]');
    await press(page, 'p');
    await way.filter({ hasText: 'paused' }).waitFor();
    await press(page, 'p');
    await way.filter({ hasText: 'polling' }).waitFor();
  },
  async '/'({ page }) {
    await press(page, '6', '/');
    await isFocused(page, '#log-search');
    // What is typed there is no key.
    await press(page, '1', '?');
    expect(await page.locator('#log-search').inputValue()).toBe('1?');
    expect(await dialog(page).count()).toBe(0);
  },
  async i({ page }) {
    await press(page, 'i');
    await addressHas(page, 'incident=1');
    await page.locator('[data-tab="golden"]').waitFor();
  },
  async e({ page }) {
    await press(page, 'e');
    await page.getByRole('menu', { name: 'Export as' }).waitFor();
  },
  async j({ page }) {
    await press(page, 'j');
    await isFocused(page, row(1));
    await press(page, 'j');
    await isFocused(page, row(2));
  },
  async k({ page }) {
    await press(page, 'j', 'j', 'k');
    await isFocused(page, row(1));
  },
  async Enter({ page }) {
    await press(page, 'j', 'Enter');
    await addressHas(page, 'row=');
    await page.locator(`${row(1)}[aria-expanded="true"]`).waitFor();
  },
  async d({ page }) {
    const ground = () => page.evaluate('getComputedStyle(document.documentElement).backgroundColor');
    const dark = await ground();
    await press(page, 'd');
    expect(await ground()).not.toBe(dark);
    await press(page, 'd');
    expect(await ground()).toBe(dark);
  },
  async K({ page }) {
    await press(page, 'K');
    await addressHas(page, 'kiosk=1');
    await page.getByRole('navigation', { name: 'Sections' }).waitFor({ state: 'hidden' });
    await press(page, 'K');
    await page.getByRole('navigation', { name: 'Sections' }).waitFor();
  },
  async '?'({ page }) {
    await press(page, '?');
    await dialog(page).waitFor();
    const rows = await dialog(page).locator('dt, dd').allTextContents();
    expect(rows).toEqual(keys.flatMap(({ key, words }) => [key, words]));
  },
  async Esc({ page }) {
    await press(page, '?');
    await dialog(page).waitFor();
    await press(page, 'Esc');
    await dialog(page).waitFor({ state: 'hidden' });
    // A row that is open, then the wall screen, then a field.
    await press(page, 'j', 'Enter');
    await addressHas(page, 'row=');
    await press(page, 'Esc');
    await page.waitForURL((url) => !url.search.includes('row='));
    await press(page, 'K', 'Esc');
    await page.getByRole('navigation', { name: 'Sections' }).waitFor();
    await press(page, '/');
    await isFocused(page, '#log-search');
    await press(page, 'Esc');
    await page.locator('#log-search:not(:focus)').waitFor();
  },
};

function spanMs({ from = '', to = '' }: Record<string, string>): number {
  return Date.parse(to) - Date.parse(from);
}

/** console.md, "Keys". */
describe.concurrent('the keys', () => {
  it.for(keys)('$key: $words', async ({ key }, { open }) => {
    const console = await open({ path: '/command-center?tab=logs' });
    await console.page.locator('[data-log]').first().waitFor();
    await effects[key](console);
  });

  it('with a modifier of the browser they are none', async ({ open }) => {
    const { page } = await open({ path: '/command-center?tab=logs' });
    await page.locator('[data-log]').first().waitFor();
    await press(page, 'Control+3', 'Alt+3', 'Meta+i');
    expect(new URL(page.url()).search).toBe('?tab=logs');
  });

  it.for(['dark', 'light'] as const)('what has the focus is outlined, %s', async (colorScheme, { open }) => {
    const { page } = await open({ path: '/command-center?tab=logs', colorScheme });
    await page.locator('[data-log]').first().waitFor();
    const seen = new Set<string>();
    for (let stop = 0; stop < 40; stop += 1) {
      await press(page, 'Tab');
      const [what, outline] = await page.evaluate<readonly [string, string]>(FOCUS);
      seen.add(what);
      expect([what, outline]).toEqual([what, expect.stringMatching(/^solid [2-9]px/)]);
    }
    // Every one is a place of its own: none holds the focus.
    expect(seen.size).toBeGreaterThan(25);
  });
});

/** What has the focus, and the outline that shows it: its own, or that of the label or the row around it. */
const FOCUS = `(() => {
  const active = document.activeElement;
  const around = [active, active.closest('label'), active.closest('tr')].filter((one) => one !== null);
  const shown = around.find((one) => getComputedStyle(one).outlineStyle !== 'none') ?? active;
  const { outlineStyle, outlineWidth } = getComputedStyle(shown);
  const name = active.getAttribute('aria-label') ?? active.textContent.trim() ?? '';
  return [active.tagName + ' ' + (name || shown.textContent.trim()).slice(0, 60), outlineStyle + ' ' + outlineWidth];
})()`;
