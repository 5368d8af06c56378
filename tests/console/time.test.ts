import { describe, expect } from 'vitest';
import { eventually } from '../processes/api.ts';
import { consoleTest as it } from './stage.ts';

const intake = '/command-center?tab=intake';
/** A Friday. */
const at = (query: string): string => `${intake}&${query}`;
const dayMs = 86_400_000;

describe.concurrent('the time range', () => {
  it.for(['1h', '6h', '7d', '30d'])(
    '%s is asked for and stands in the address; 24h is the default',
    async (range, { open }) => {
      const { page, api } = await open({ path: intake });
      await page.getByText('What arrived').waitFor();
      expect(api.query('/intake').range).toBe('24h');
      await page.getByRole('radio', { name: range }).check({ force: true });
      await page.waitForURL(new RegExp(`range=${range}`));
      await eventually(
        async () => api.query('/intake').range,
        (answer) => answer === range,
      );
      await page.goBack();
      await page.waitForURL((url) => !url.search.includes('range'));
      expect(await page.getByRole('radio', { name: '24h' }).isChecked()).toBe(true);
    },
  );

  it('days are chosen in a calendar, by mouse: the first begins the stretch, the second ends it', async ({ open }) => {
    const { page, api } = await open({ path: at('utc=1') });
    await page.getByRole('button', { name: 'custom' }).click();
    const today = new Date();
    const dayBefore = new Date(today.getTime() - 2 * dayMs);
    const name = (date: Date): string =>
      `${date.getUTCDate()} ${date.toLocaleString('en-GB', { month: 'short', timeZone: 'UTC' }).slice(0, 3)} ${date.getUTCFullYear()}`;
    await page.getByRole('button', { name: name(today), exact: true }).click();
    await page.getByRole('button', { name: name(dayBefore), exact: true }).click();
    expect(await page.locator('.calendar [aria-pressed="true"]').count()).toBe(3);
    await page.getByRole('button', { name: 'Show' }).click();
    await page.waitForURL(/from=/);
    const from = () => Date.parse(api.query('/intake').from ?? '');
    await eventually(
      async () => from(),
      (answer) => answer === Math.floor(dayBefore.getTime() / dayMs) * dayMs,
    );
    expect(Date.parse(api.query('/intake').to ?? '')).toBeLessThanOrEqual(Date.now());
  });

  it('and by keys; what lies before the retention or in the future cannot be chosen', async ({ open }) => {
    const { page } = await open({ path: at('utc=1') });
    await page.getByRole('button', { name: 'custom' }).click();
    const chosen = page.locator('.calendar [tabindex="0"]');
    await chosen.focus();
    for (let week = 0; week < 8; week += 1) await page.keyboard.press('ArrowUp');
    const label = (await chosen.getAttribute('aria-label')) ?? '';
    const days = Math.floor(Date.now() / dayMs) - Math.floor(Date.parse(`${label} UTC`) / dayMs);
    expect(days).toBe(30);
    expect(await page.locator('.calendar button[disabled]').count()).toBeGreaterThan(0);
    await page.keyboard.press('Enter');
    expect(await chosen.getAttribute('aria-pressed')).toBe('true');
    await page.keyboard.press('Escape');
    expect(await page.locator('.calendar').count()).toBe(0);
  });

  it('the brackets go half a range earlier and come back to now', async ({ open }) => {
    const { page } = await open({ path: at('range=6h') });
    await page.getByText('What arrived').waitFor();
    await page.keyboard.press('[');
    await page.waitForURL(/from=/);
    const to = Date.parse(new URL(page.url()).searchParams.get('to') ?? '');
    expect((Date.now() - to) / 3_600_000).toBeCloseTo(3, 1);
    await page.keyboard.press(']');
    await page.waitForURL(/range=6h/);
  });
});

describe.concurrent('a wall screen', () => {
  it('shows the page without anything to click, a clock, and comes back by Esc', async ({ open }) => {
    const { page } = await open({ path: at('kiosk=1') });
    const clock = page.locator('[data-clock]');
    await clock.waitFor();
    expect(await clock.textContent()).toMatch(/\d\d:\d\d:\d\d/);
    expect(await page.getByRole('button', { name: 'Log out' }).isVisible()).toBe(false);
    expect(await page.getByRole('navigation', { name: 'Sections' }).isVisible()).toBe(false);
    expect(await page.evaluate('document.documentElement.scrollWidth - window.innerWidth')).toBeLessThanOrEqual(0);
    await page.keyboard.press('Escape');
    await page.waitForURL((url) => !url.search.includes('kiosk'));
    await page.getByRole('button', { name: 'Wall' }).click();
    await page.waitForURL(/kiosk=1/);
  });
});
