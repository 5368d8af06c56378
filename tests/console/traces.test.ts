import { isDeepStrictEqual } from 'node:util';
import type { TraceItem } from '@command-center/contract/api/lists';
import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import { consoleTest as it } from './stage.ts';

const TRACE = '0123456789abcdef0123456789abcdef';
const PLAIN = { limit: '50', range: '24h' };
const tab = (page: Page) => page.locator('[data-tab="traces"]');

interface Filter {
  readonly name: string;
  readonly choose: (page: Page) => Promise<void>;
  /** What `/traces` is asked with. */
  readonly asked: Readonly<Record<string, string>>;
  /** What the address holds. */
  readonly address: string;
}

async function type(page: Page, label: string, text: string): Promise<void> {
  await tab(page).getByLabel(label, { exact: true }).fill(text);
  await page.keyboard.press('Enter');
}

const filters: readonly Filter[] = [
  {
    name: 'status error',
    choose: (page) => tab(page).getByText('error', { exact: true }).first().click(),
    asked: { status: 'error' },
    address: 'status=error',
  },
  {
    name: 'status slow',
    choose: (page) => tab(page).getByText('slow', { exact: true }).first().click(),
    asked: { status: 'slow' },
    address: 'status=slow',
  },
  {
    name: 'domain',
    choose: async (page) => {
      await tab(page).getByLabel('Domain').selectOption('db');
    },
    asked: { domain: 'db' },
    address: 'domain=db',
  },
  {
    name: 'route',
    choose: (page) => type(page, 'Route', '/cart/{id}'),
    asked: { route: '/cart/{id}' },
    address: 'route=%2Fcart%2F%7Bid%7D',
  },
  {
    name: 'least duration',
    choose: (page) => type(page, 'At least, milliseconds', '250'),
    asked: { duration_min: '250' },
    address: 'duration_min=250',
  },
  {
    name: 'trace id',
    choose: (page) => type(page, 'Trace', TRACE.toUpperCase()),
    asked: { trace_id: TRACE },
    address: `trace=${TRACE}`,
  },
];

describe.concurrent('the filters of the spans', () => {
  it.for(filters)('$name: in the request, in the address, and gone with Back', async (filter, { open }) => {
    const { page, api, answered } = await open({ path: '/command-center?tab=traces' });
    await page.locator('[data-span]').first().waitFor();
    const isAsked = async (query: Readonly<Record<string, string>>): Promise<void> => {
      await api.until(() => isDeepStrictEqual(api.query('/traces'), query));
      await answered();
    };
    await filter.choose(page);
    await page.waitForURL((url) => url.search.includes(filter.address));
    await isAsked({ ...PLAIN, ...filter.asked });
    await page.goBack();
    await page.waitForURL('**/command-center?tab=traces');
    await isAsked(PLAIN);
  });
});

const span = (change: Partial<TraceItem>): TraceItem => ({
  trace_id: TRACE,
  span_id: '0123456789abcdef',
  ts: new Date().toISOString(),
  span_name: 'GET /cart/{id}',
  domain: 'other',
  route: '/cart/{id}',
  status_code: '200',
  is_error: false,
  duration_ms: 12.5,
  service: 'checkout',
  sampled: true,
  ...change,
});
const answerOf = (items: readonly TraceItem[]) => ({ '/traces': { body: { items, next_cursor: null } } });

describe.concurrent('the spans of a trace', () => {
  const path = `/command-center?tab=traces&trace=${TRACE}`;

  it('are counted, with the way to its logs and to Tempo', async ({ open }) => {
    const items = [span({}), span({ span_id: '1'.repeat(16), service: 'orders' })];
    const { page } = await open({ path, answers: answerOf(items) });
    const line = page.locator('[data-trace]');
    await line.getByText('2 spans kept of trace').waitFor();
    expect(await line.textContent()).toContain('of 2 services');
    expect(await line.getByRole('link', { name: 'Open in Tempo' }).getAttribute('href')).toContain(TRACE);
    await line.getByRole('link', { name: 'Logs of this trace' }).click();
    await page.waitForURL((url) => url.search === `?tab=logs&trace=${TRACE}`);
  });

  it('that is not sampled lead to no other tool', async ({ open }) => {
    const { page } = await open({ path, answers: answerOf([span({ sampled: false })]) });
    await page.locator('[data-trace]').getByText('not sampled: no other tool holds it').waitFor();
    await page.locator('[data-span] button').click();
    await page.getByText('(not sampled: no other tool holds it)').waitFor();
    expect(await page.getByText('Open in').count()).toBe(0);
  });

  it('of which none is kept still lead to its logs', async ({ open }) => {
    const { page } = await open({ path, answers: answerOf([]) });
    await tab(page).getByText(`No span of trace ${TRACE} is kept in this range`).waitFor();
    expect(await tab(page).getByRole('link', { name: 'Logs of this trace' }).count()).toBe(1);
  });
});
