import { isDeepStrictEqual } from 'node:util';
import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import type { MadeApi } from './api.ts';
import { consoleTest as it } from './stage.ts';

const TRACE = '0123456789abcdef0123456789abcdef';
const logs = (page: Page) => page.getByRole('region', { name: 'Logs, WARN and above' });

interface Filter {
  readonly name: string;
  readonly choose: (page: Page) => Promise<void>;
  /** What `/logs` is asked with. */
  readonly asked: Readonly<Record<string, string>>;
  /** What the address holds. */
  readonly address: string;
}

async function search(page: Page, text: string): Promise<void> {
  await page.keyboard.press('/');
  await page.locator('#log-search:focus').waitFor();
  await page.keyboard.type(text);
  await page.keyboard.press('Enter');
}

const filters: readonly Filter[] = [
  {
    name: 'level',
    choose: (page) => logs(page).getByText('WARN', { exact: true }).first().click(),
    asked: { level: 'WARN' },
    address: 'level=WARN',
  },
  {
    name: 'service',
    async choose(page) {
      await logs(page).getByLabel('Service').fill('orders');
      await page.keyboard.press('Enter');
    },
    asked: { service: 'orders' },
    address: 'service=orders',
  },
  {
    name: 'domain',
    async choose(page) {
      await logs(page).getByLabel('Domain').selectOption('db');
    },
    asked: { domain: 'db' },
    address: 'domain=db',
  },
  {
    name: 'search',
    choose: (page) => search(page, 'timeout & more'),
    asked: { search: 'timeout & more' },
    address: 'q=timeout+%26+more',
  },
  {
    name: 'trace id',
    choose: (page) => search(page, TRACE),
    asked: { trace_id: TRACE },
    address: `trace=${TRACE}`,
  },
  {
    name: 'repeats in groups',
    choose: (page) => logs(page).getByLabel('group repeats').check(),
    asked: { group: '1' },
    address: 'group=1',
  },
  {
    name: 'range',
    choose: (page) => page.getByText('6h', { exact: true }).click(),
    asked: { range: '6h' },
    address: 'range=6h',
  },
];

/** The newest request of the list, which has pages where the feed has none. */
const lastOf = (api: MadeApi) => api.query('/logs', { limit: '50' });
const plainQuery = { limit: '50', range: '24h' };

describe.concurrent('the filters of the logs', () => {
  it.for(filters)('$name: in the request, in the address, and gone with Back', async (filter, { open }) => {
    const { page, api, answered } = await open({ path: '/command-center?tab=logs' });
    await page.locator('[data-log]').first().waitFor();
    const filtered = { ...plainQuery, ...filter.asked };
    const isAsked = async (query: Readonly<Record<string, string>>): Promise<void> => {
      await api.until(() => isDeepStrictEqual(lastOf(api), query));
      // The view that is left before its answer has come would be asked for again, and the one before it would not.
      await answered();
    };
    await filter.choose(page);
    await page.waitForURL((url) => url.search.includes(filter.address));
    await isAsked(filtered);
    await page.goBack();
    await page.waitForURL('**/command-center?tab=logs');
    await isAsked(plainQuery);
    await page.goForward();
    await page.waitForURL((url) => url.search.includes(filter.address));
    await isAsked(filtered);
  });

  it('a copied link opens the same view, asks the same, and shows the same filters', async ({ open }) => {
    const first = await open({ path: '/command-center?tab=logs' });
    for (const { name, choose } of filters) if (name !== 'trace id' && name !== 'search') await choose(first.page);
    await first.page.waitForURL(/range=6h/);
    await search(first.page, 'nothing like it');
    await first.page.waitForURL(/q=nothing/);
    const second = await open({ path: addressOf(first.page) });
    const words = (page: Page) =>
      logs(page)
        .getByText(/^Nothing in this range with/)
        .textContent();
    expect(await words(second.page)).toBe(await words(first.page));
    expect(lastOf(second.api)).toEqual(lastOf(first.api));
    expect(await logs(second.page).getByLabel('Service').inputValue()).toBe('orders');
    expect(await logs(second.page).getByLabel('Domain').inputValue()).toBe('db');
    expect(await logs(second.page).getByLabel('group repeats').isChecked()).toBe(true);
    await logs(second.page).getByRole('button', { name: 'Clear filters' }).click();
    await second.page.locator('[data-log]').first().waitFor();
  });

  it('an older page and an open row are in the address too', async ({ open }) => {
    const { page, api } = await open({ path: '/command-center?tab=logs' });
    const openRow = (one: Page) => one.locator('[data-log]:has([aria-expanded="true"])');
    await page.locator('[data-log]').first().waitFor();
    await logs(page).getByRole('button', { name: 'Older' }).click();
    await api.until(() => lastOf(api).cursor === '50');
    await page.locator('[data-log]').nth(2).getByRole('button').click();
    await page.waitForURL(/cursor=.*row=/);
    const copied = await open({ path: addressOf(page) });
    expect(await openRow(copied.page).getAttribute('data-log')).toBe(await openRow(page).getAttribute('data-log'));
    expect(lastOf(copied.api)).toEqual(lastOf(api));
  });
});

function addressOf(page: Page): string {
  const { pathname, search: query } = new URL(page.url());
  return pathname + query;
}
