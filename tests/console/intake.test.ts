import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import { consoleTest as it } from './stage.ts';

const tab = (page: Page) => page.locator('[data-tab="intake"]');
const rows = (page: Page) => tab(page).getByRole('region', { name: 'By service and metric' }).locator('tbody tr');
const signalsOf = async (page: Page) => new Set(await rows(page).locator('td:nth-child(2)').allTextContents());

describe.concurrent('Intake', () => {
  it('empty: that nothing arrived, and how to point a collector here', async ({ open }) => {
    const { page } = await open({ scenario: 'empty' });
    await tab(page).getByText('Nothing arrived in this range: no metrics, no logs, no traces.').waitFor();
    await tab(page).getByText('How to point a collector here').click();
    await tab(page).locator('pre').waitFor();
    expect(await tab(page).locator('table').count()).toBe(0);
  });

  it('a row a signal with what became of it, and silence is a row too', async ({ open }) => {
    const { page } = await open({ scenario: 'not-shown' });
    const row = (signal: string) => tab(page).locator(`tr[data-signal="${signal}"]`);
    await row('logs').getByText('nothing in this range').waitFor();
    expect(await row('metrics').locator('td.number').allTextContents()).toEqual(['12,400', '0', '12,400', '0']);
    expect(await row('logs').locator('td.number').allTextContents()).toEqual(['0', '0', '0', '0']);
  });

  it('by signal: in the address, with Back, and shown again', async ({ open }) => {
    const { page } = await open();
    await rows(page).first().waitFor();
    expect(await signalsOf(page)).toEqual(new Set(['metrics', 'logs', 'traces']));
    await tab(page).locator('tr[data-signal="logs"]').getByRole('button', { name: 'only these' }).click();
    await page.waitForURL('**/command-center?tab=intake&signal=logs');
    expect(await signalsOf(page)).toEqual(new Set(['logs']));
    expect(await tab(page).getByText('Metrics outside the contract').count()).toBe(0);
    await page.goBack();
    await tab(page).getByText('Metrics outside the contract').waitFor();
    expect(await signalsOf(page)).toEqual(new Set(['metrics', 'logs', 'traces']));
  });

  it('metrics outside the contract, with the lines of the contract file that add them, to copy', async ({ open }) => {
    const { page } = await open();
    const lines = tab(page).getByRole('region', { name: 'Lines of the contract file' }).locator('pre');
    await lines.waitFor();
    expect(await lines.textContent()).toBe(
      [
        'metrics:',
        '  - { name: jvm.gc.duration, kind: histogram, unit: s, signal: latency }',
        "  - { name: jvm.thread.count, kind: gauge, merge: sum, unit: '1', signal: saturation }",
        '',
      ].join('\n'),
    );
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await tab(page).getByRole('button', { name: 'Copy lines of the contract file' }).click();
    await tab(page).getByText('Copied').waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(await lines.textContent());
  });

  it('what was dropped, refused and masked, by rule, with whom it concerned', async ({ open }) => {
    const { page } = await open();
    const reason = (name: string) =>
      tab(page)
        .locator('details')
        .filter({ has: page.getByText(name, { exact: true }) });
    const masked = reason('email_address');
    await masked.waitFor();
    expect(plain(await masked.locator('summary').textContent())).toMatch(
      /^82 masked email_address Text that looks like email address was masked before it was stored\. \d+ s ago$/,
    );
    await masked.locator('summary').click();
    await masked.getByText('records of gateway').waitFor();
    expect(plain(await reason('too_large').locator('summary').textContent())).toMatch(/^3 refused too_large/);
    expect(plain(await reason('not_in_contract').locator('summary').textContent())).toMatch(/^16,533 dropped/);
  });
});

function plain(text: string | null): string {
  return (text ?? '').replaceAll(/\s+/g, ' ').trim();
}
