import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import { eventually } from '../processes/api.ts';
import { consoleTest as it } from './stage.ts';

const golden = '/command-center?tab=golden';
const chart = (page: Page, title: string) => page.locator(`[data-chart="${title}"]`);
const plot = (page: Page, title: string) => chart(page, title).locator('[role="slider"]');

const titles = [
  ...['Requests', 'Database queries', 'Voice sessions'],
  ...['HTTP requests', 'Open WebSockets', 'WebSocket messages', 'Active voice sessions', 'RTP packets forwarded'],
  ...['HTTP errors', 'Error rate', 'Other failures'],
  ...['Database pool in use', 'Database connections', 'Process memory', 'Spans dropped'],
];

/** Where a chart's plot lies, scrolled to. */
async function placeOf(page: Page, title: string) {
  await plot(page, title).scrollIntoViewIfNeeded();
  const box = await plot(page, title).boundingBox();
  if (box === null) throw new Error(`the chart ${title} has no place`);
  return { left: box.x, middle: box.x + box.width / 2, y: box.y + box.height / 2, width: box.width };
}

describe.concurrent('golden signals', () => {
  it('draws latency, traffic, errors and saturation, each with what it reads now', async ({ open }) => {
    const { page } = await open({ path: golden });
    for (const title of titles) {
      await plot(page, title).waitFor();
      expect(await plot(page, title).getAttribute('aria-valuetext')).toMatch(/\d\d:\d\d/);
    }
    expect(await page.locator('[data-chart]').count()).toBe(titles.length);
    expect(await plot(page, 'Requests').getAttribute('aria-valuetext')).toMatch(/p50 ≈.*p95 ≈.*p99 ≈/);
    expect(await page.getByText(/average|mean/i).count()).toBe(0);
  });

  it('a gap stays a gap, and the window that still counts is dashed', async ({ open }) => {
    const { page } = await open({ path: golden });
    const line = chart(page, 'HTTP requests').locator('path:not(.open)').first();
    await line.waitFor({ state: 'attached' });
    expect((await line.getAttribute('d'))?.match(/M/g)?.length).toBe(2);
    const dashes = chart(page, 'HTTP requests').locator('path.open').first();
    expect(await dashes.evaluate('(path) => getComputedStyle(path).strokeDasharray')).not.toBe('none');
  });

  it('bounds are lines with their value, and the axis begins at zero', async ({ open }) => {
    const { page } = await open({ path: golden, scenario: 'degraded' });
    const words = chart(page, 'Requests').locator('svg text');
    await words.filter({ hasText: /red 1\ss/ }).waitFor();
    expect(await words.filter({ hasText: /yellow 200\sms/ }).count()).toBe(1);
    expect(await words.filter({ hasText: /^0\ss$/ }).count()).toBe(1);
  });

  it.for([
    ['Requests', 'http.server.request.duration'],
    ['Database queries', 'db.client.operation.duration'],
    ['HTTP requests', 'kaiku_http_requests_total'],
    ['HTTP errors', 'kaiku_http_errors_total'],
    ['Database connections', 'db.client.connection.count'],
    ['Process memory', 'process.memory.usage'],
  ] as const)('%s without data names the metric that fills it', async ([title, metric], { open }) => {
    const { page } = await open({ path: golden, scenario: 'not-shown' });
    await chart(page, title).getByText(metric, { exact: true }).waitFor();
    expect(await plot(page, title).count()).toBe(0);
  });

  it('a service that is not well has a badge with its reason on the sections it is about', async ({ open }) => {
    const { page } = await open({ path: golden, scenario: 'degraded' });
    const badges = page.locator('[data-badge="postgresql"]');
    await badges.first().waitFor();
    expect(await badges.count()).toBe(2);
    expect(await badges.first().textContent()).toContain('no idle connections');
  });

  it('answers that fail leave the tables, and answers of the tables that fail leave the charts', async ({ open }) => {
    const broken = { text: '<html>', status: 500 };
    const [charts, tables] = await Promise.all([
      open({ path: golden, answers: { '/trends': broken } }),
      open({ path: golden, answers: { '/top-routes': broken, '/top-errors': { body: { items: 7 } } } }),
    ]);
    await charts.page.getByRole('link', { name: '/checkout', exact: true }).first().waitFor();
    expect(await chart(charts.page, 'Requests').getByText('No newer answer.').count()).toBe(1);
    // Said once, however many charts there are.
    expect(await charts.page.locator('[data-tab="golden"]').getByRole('alert').count()).toBe(1);
    await plot(tables.page, 'Requests').waitFor();
    await tables.page.getByText('not what this console understands').first().waitFor();
  });
});

describe.concurrent('charts are one board', () => {
  it('the crosshair is shared: all read the same minute, by pointer and by keys', async ({ open }) => {
    const { page } = await open({ path: golden });
    const { middle, y } = await placeOf(page, 'Requests');
    await page.mouse.move(middle, y);
    const times = page.locator('[data-chart] .time');
    const first = (await times.first().textContent()) ?? '';
    expect(first).toMatch(/\d\d:\d\d$/);
    expect(new Set(await times.allTextContents())).toEqual(new Set([first]));
    await page.mouse.move(0, 0);
    await plot(page, 'Requests').focus();
    await page.keyboard.press('End');
    await page.keyboard.press('ArrowLeft');
    expect(await plot(page, 'Requests').getAttribute('aria-valuetext')).not.toContain('newest');
    await page.keyboard.press('Enter');
    await page.waitForURL(/tab=logs&from=/);
  });

  it('a brush zooms all and Esc goes back', async ({ open }) => {
    const { page } = await open({ path: golden });
    const { left, y, width } = await placeOf(page, 'Requests');
    await page.mouse.move(left + width * 0.2, y);
    await page.mouse.down();
    await page.mouse.move(left + width * 0.5, y, { steps: 4 });
    expect(await page.locator('[data-chart] svg rect[y="0"]').count()).toBe(titles.length);
    await page.mouse.up();
    await page.waitForURL(/from=.*&to=/);
    const query = new URL(page.url()).searchParams;
    const hours = (Date.parse(query.get('to') ?? '') - Date.parse(query.get('from') ?? '')) / 3_600_000;
    expect(hours).toBeGreaterThan(6);
    expect(hours).toBeLessThan(9);
    await page.keyboard.press('Escape');
    await page.waitForURL((url) => !url.search.includes('from='));
  });

  it('shift and a drag move all in time; a double click goes back', async ({ open }) => {
    const { page } = await open({ path: `${golden}&range=6h` });
    const { middle, y } = await placeOf(page, 'Requests');
    await page.keyboard.down('Shift');
    await page.mouse.move(middle, y);
    await page.mouse.down();
    await page.mouse.move(middle + 100, y, { steps: 4 });
    const moved = await page.evaluate(
      `[...document.querySelectorAll('[data-chart] .moving')].filter((g) => /translateX\\([1-9]/.test(g.style.transform)).length`,
    );
    expect(moved).toBe(titles.length);
    await page.mouse.up();
    await page.keyboard.up('Shift');
    await page.waitForURL(/from=/);
    const to = Date.parse(new URL(page.url()).searchParams.get('to') ?? '');
    expect(Date.now() - to).toBeGreaterThan(3_600_000);
    await page.mouse.dblclick(middle, y);
    await page.waitForURL(/range=6h/);
  });

  it('a click opens the logs of that minute', async ({ open }) => {
    const { page } = await open({ path: `${golden}&service=checkout` });
    const { middle, y } = await placeOf(page, 'Open WebSockets');
    await page.mouse.click(middle, y);
    await page.waitForURL(/tab=logs/);
    const query = new URL(page.url()).searchParams;
    expect(Date.parse(query.get('to') ?? '') - Date.parse(query.get('from') ?? '')).toBe(60_000);
    expect(query.get('service')).toBe('checkout');
  });

  it('every chart has its numbers as a table', async ({ open }) => {
    const { page } = await open({ path: `${golden}&table=1&range=1h` });
    for (const title of titles) {
      const rows = chart(page, title).locator('tbody tr');
      await rows.first().waitFor();
      expect([title, await rows.count()]).toEqual([title, 60]);
    }
    expect(await chart(page, 'Requests').locator('thead').textContent()).toMatch(/p50\s*p95\s*p99/);
  });
});

describe.concurrent('what the toolbar changes', () => {
  it('incident view draws the error rate and a line at each ERROR record, by button, key and address', async ({
    open,
  }) => {
    const { page, api } = await open({ path: golden });
    await plot(page, 'Requests').waitFor();
    expect(api.asked.some((path) => path.startsWith('/logs?level=ERROR&limit=100'))).toBe(false);
    await page.keyboard.press('i');
    await page.waitForURL(/incident=1/);
    await page.getByText(/ERROR records as lines/).waitFor();
    expect(await page.locator('[data-chart] path.errors').count()).toBe(titles.length);
    expect(await page.locator('[data-chart] path.errors').first().getAttribute('d')).toMatch(/^M\d+,0V/);
    await page.getByRole('button', { name: 'Incident view' }).click();
    await page.waitForURL((url) => !url.search.includes('incident'));
  });

  it('incident view says so where the ERROR records do not come, and draws the error rate', async ({ open }) => {
    const { page } = await open({
      path: `${golden}&incident=1`,
      answers: {
        '/logs': (query) => (query.get('limit') === '100' ? { text: 'no', status: 502 } : { after: Promise.resolve() }),
      },
    });
    await page.getByText('Error rate at the right, without ERROR records.').waitFor();
    await page.locator('[data-chart] path.errors').first().waitFor({ state: 'attached' });
    expect(await page.locator('[data-chart] path.errors').first().getAttribute('d')).toBe('');
  });

  it('a logarithmic scale is labelled in powers of ten', async ({ open }) => {
    const { page } = await open({ path: `${golden}&log=1` });
    const words = chart(page, 'Requests').locator('svg text');
    await words.filter({ hasText: /^100\sms$/ }).waitFor();
    expect(await words.filter({ hasText: /^10\sms$/ }).count()).toBe(1);
    expect(await words.filter({ hasText: /^0\ss$/ }).count()).toBe(0);
  });

  it('service and route are asked for, and stand in the address', async ({ open }) => {
    const { page, api } = await open({ path: golden });
    await page.getByRole('combobox', { name: 'Service' }).selectOption('checkout');
    await page.getByRole('combobox', { name: 'Route' }).selectOption('/checkout');
    await page.waitForURL(/service=checkout&route=%2Fcheckout/);
    await eventually(
      async () => api.query('/top-routes').service,
      (answer) => answer === 'checkout',
    );
    const asked = () => api.asked.filter((path) => path.includes('http.server.request.duration')).at(-1) ?? '';
    await eventually(
      async () => decodeURIComponent(asked()),
      (answer) => answer.includes('where=http.route:/checkout'),
    );
    expect(decodeURIComponent(asked())).toContain('where=service.name:checkout');
  });

  it.for([
    ['slow-routes', 'status=slow'],
    ['failing-routes', 'status=error'],
  ] as const)('a row of %s leads to its spans', async ([table, status], { open }) => {
    const { page } = await open({ path: golden, scenario: 'degraded' });
    await page.locator(`section[aria-labelledby="${table}"]`).getByRole('link').first().click();
    await page.waitForURL(new RegExp(`tab=traces.*route=.*${status}`));
  });

  it('a type of error leads to its logs', async ({ open }) => {
    const { page } = await open({ path: golden });
    await page.getByRole('link', { name: 'query_timeout', exact: true }).last().click();
    await page.waitForURL(/tab=logs&level=ERROR&q=query_timeout/);
  });
});
