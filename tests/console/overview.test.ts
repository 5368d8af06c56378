import { describe, expect } from 'vitest';
import { gate } from './api.ts';
import { consoleTest as it } from './stage.ts';

/** console.md, "Words": what the first screen says in each state. */
describe.concurrent('the first screen', () => {
  it('healthy: a quiet verdict, four numbers, seven services and the newest errors', async ({ open }) => {
    const { page } = await open();
    await page.locator('[aria-label="Verdict"][data-status="ok"]').filter({ hasText: 'OK' }).waitFor();
    expect(await page.locator('[data-sign] [data-value]').allTextContents()).toEqual([
      '134\u00a0ms',
      '214\u00a0/s',
      '0.4\u00a0%',
      '61\u00a0%',
    ]);
    expect(await page.locator('[data-service]').count()).toBe(7);
    const feed = page.getByRole('region', { name: 'Errors, newest first' });
    await feed.getByText('newest 6 kinds in 24 h').waitFor();
    expect(await feed.getByRole('listitem').count()).toBe(6);
    expect(await page.title()).toBe('● OK · Command Center');
  });

  it('loading: it says so, and draws no number', async ({ open }) => {
    const answered = gate();
    const { page } = await open({ answers: { '/summary': { after: answered.passed } } });
    await page.getByRole('status').filter({ hasText: 'Loading…' }).waitFor();
    expect(await page.locator('[data-value]').count()).toBe(0);
    answered.open();
    await page.locator('[data-value]').first().waitFor();
  });
});
