import { exportDocument, exportRow } from '@command-center/contract/api/exports';
import { logs } from '@command-center/contract/api/lists';
import { parse } from 'csv-parse/sync';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { base } from '../../web/dev/answers.ts';
import { oneLine } from '../../web/src/ui/visible.ts';
import { type AllInOne, startAllInOne } from '../processes/allInOne.ts';
import { findChromium, launch } from './chromium.ts';
import { hostileMessages, ORDINARY, type Sent, sendLists, tools, UNSAMPLED } from './listData.ts';
import { ListPage } from './listPage.ts';

const executable = findChromium();

/** The product answers; nothing here is made up but the telemetry. */
describe('logs, traces and exports in a browser, over the all-in-one', { timeout: 60_000 }, () => {
  let product: AllInOne;
  let browser: Browser;
  let page: Page;
  let sent: Sent;
  let list: ListPage;

  beforeAll(async () => {
    if (executable === undefined) return;
    product = await startAllInOne(tools);
    sent = await sendLists(product);
    browser = await launch(executable);
    page = await browser.newPage({ viewport: { width: 1440, height: 900 }, colorScheme: 'dark' });
    list = new ListPage(page, product.console);
    await page.goto(product.loginLink);
    await page.waitForURL('**/command-center');
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    const ended = await product?.stop();
    expect(ended?.code).toBe(executable === undefined ? undefined : 0);
  });
  beforeEach(({ skip }) => skip(executable === undefined, 'no chromium, chromium-browser or google-chrome in PATH'));

  it('all that was sent is there', async () => {
    await list.shows(() => list.stored('logs'), sent.logs);
    await list.shows(() => list.stored('traces'), sent.spans);
  });

  describe('the logs', () => {
    const log = { level: 2, service: 3, event: 5, message: 6 };

    it('are filtered by level', async () => {
      await list.open('tab=logs');
      await list.tab().getByText('ERROR', { exact: true }).first().click();
      await list.shows(() => list.rows().count(), 1 + hostileMessages.length);
      expect((await list.column(log.level)).every((text) => text.endsWith('ERROR'))).toBe(true);
      expect(page.url()).toContain('level=ERROR');
    });

    it('are filtered by service, by domain and by both, and cleared', async () => {
      await list.open('tab=logs');
      await list.tab().getByLabel('Service').fill('orders');
      await page.keyboard.press('Enter');
      await list.shows(() => list.column(log.service), ['orders']);
      await list.tab().getByLabel('Domain').selectOption('db');
      await list.shows(() => list.column(log.event), ['pool_wait']);
      await list.button('Clear filters').click();
      await list.shows(async () => (await list.column(log.service)).toSorted(), ['gateway', 'orders']);
    });

    it('are searched, also for what is not there', async () => {
      await list.open('tab=logs');
      await page.keyboard.press('/');
      await page.locator('#log-search:focus').fill('could NOT be read');
      await page.keyboard.press('Enter');
      await list.shows(() => list.column(log.event), ['cart.failed']);
      await page.locator('#log-search').fill('nothing like it');
      await page.keyboard.press('Enter');
      await list.tab().getByText('Nothing in this range with “nothing like it”.').waitFor();
    });

    it('are filtered by time', async () => {
      const toMs = Date.now() - 3 * 60_000;
      await list.visit(`tab=logs&from=${toMs - 600_000}&to=${toMs}`);
      await list.shows(() => list.column(log.event), ['pool_wait']);
      expect(await list.rows().count()).toBeLessThan(ORDINARY);
    });

    it('are grouped', async () => {
      await list.open('tab=logs');
      await list.tab().getByLabel('group repeats').check();
      await list.shows(
        async () => (await list.column(2)).toSorted(),
        ['1', String(ORDINARY), String(hostileMessages.length)].toSorted(),
      );
    });

    it('have pages', async () => {
      await list.open('tab=logs&q=pool_wait');
      const first = await list.column(log.message);
      expect(first).toHaveLength(50);
      await list.button('Older').click();
      await list.shows(() => list.rows().count(), ORDINARY - 50);
      expect(await list.button('Older').isDisabled()).toBe(true);
      expect((await list.column(log.message)).filter((text) => first.includes(text))).toEqual([]);
      await list.button('Newer').click();
      await list.shows(() => list.column(log.message), first);
      expect(await list.button('Newer').isDisabled()).toBe(true);
    });

    it('of a trace that is not sampled name it without a link', async () => {
      await list.open('tab=logs&q=sampled.out');
      await list.rows().first().click();
      await list.tab().getByText('not sampled: its spans are kept nowhere').waitFor();
      expect(await list.tab().getByText(UNSAMPLED.slice(0, 8), { exact: true }).getAttribute('href')).toBeNull();
      expect(await list.rows().getByRole('link').count()).toBe(0);
      expect(await list.link('Open in Tempo').count()).toBe(0);
      expect(await list.tab().locator('.record').getByRole('link', { name: 'Open in Loki' }).count()).toBe(1);
    });
  });

  describe('the spans', () => {
    const span = { duration: 2, status: 3, name: 4, route: 5, service: 6, domain: 7 };

    it('are filtered by status', async () => {
      await list.open('tab=traces');
      await list.tab().getByText('error', { exact: true }).first().click();
      await list.shows(() => list.column(span.name), ['GET /cart/{id}']);
      expect(await list.column(span.status)).toEqual(['■ error 503']);
      await list.tab().getByText('slow', { exact: true }).first().click();
      await list.shows(async () => (await list.textsOf('[data-span] > td:nth-child(2)')).length, 3);
    });

    it('are coloured by the threshold of what they are', async () => {
      await list.open('tab=traces&status=slow');
      // Newest first: 1.5 s over the red of the API, 120 ms over the yellow of the database, 250 ms over that of the API.
      const words = await list.textsOf('[data-span] > td:nth-child(2) .unseen');
      const names = await list.textsOf(`[data-span] > td:nth-child(${span.name})`);
      expect(Object.fromEntries(names.map((name, index) => [name, words[index]]))).toEqual({
        'GET /cart/{id}': 'red',
        'SELECT carts': 'yellow',
        'POST /auth/login': 'yellow',
      });
    });

    it('are filtered by domain, route and least duration, and cleared', async () => {
      await list.open('tab=traces');
      await list.tab().getByLabel('Domain').selectOption('db');
      await list.shows(() => list.column(span.name), ['SELECT carts']);
      await list.tab().getByLabel('Domain').selectOption('');
      await list.tab().getByLabel('Route').fill('/auth/login');
      await page.keyboard.press('Enter');
      await list.shows(() => list.column(span.name), ['POST /auth/login']);
      await list.button('Clear filters').click();
      await list.tab().getByLabel('At least, milliseconds').fill('251');
      await page.keyboard.press('Enter');
      await list.shows(() => list.column(span.name), ['GET /cart/{id}']);
      expect(page.url()).toContain('duration_min=251');
    });

    it('take no trace id that is none', async () => {
      await list.open('tab=traces');
      await list.tab().getByLabel('Trace', { exact: true }).fill('not an id');
      await page.keyboard.press('Enter');
      expect(page.url()).not.toContain('trace=');
      await list.tab().getByLabel('Trace', { exact: true }).fill(sent.traceId.toUpperCase());
      await page.keyboard.press('Enter');
      await list.shows(() => list.rows().count(), 2);
    });

    it('have quick views, of the last hour and nothing else', async () => {
      await list.visit(`tab=traces&domain=db&range=7d`);
      await list.link('Recent errors').click();
      await list.shows(() => list.column(span.name), ['GET /cart/{id}']);
      expect(new URL(page.url()).search).toBe('?tab=traces&range=1h&status=error');
      await list.link('Recent slow').click();
      await list.shows(() => list.rows().count(), 3);
      expect(await list.link('Recent slow').getAttribute('aria-current')).toBe('page');
    });

    it('have pages', async () => {
      await list.open('tab=traces');
      await list.shows(() => list.rows().count(), 50);
      await list.button('Older').click();
      await list.shows(() => list.rows().count(), sent.spans - 50);
      await page.goBack();
      await list.shows(() => list.rows().count(), 50);
    });

    it('say what is not found', async () => {
      await list.open(`tab=traces&trace=${'ab'.repeat(16)}`);
      await list.tab().getByText('is kept in this range').waitFor();
      await list.open('tab=traces&route=/none');
      await list.tab().getByText('No span in this range with route /none.').waitFor();
    });
  });

  it('an error leads from the feed to the logs of its trace, to its spans, and back to its logs', async () => {
    await list.visit(`tab=intake&range=1h`);
    await page
      .getByRole('region', { name: 'Errors, newest first' })
      .getByRole('listitem')
      .filter({ hasText: 'cart.failed' })
      .getByRole('link', { name: 'trace' })
      .click();
    await list.shows(() => list.column(5), ['cart.failed']);
    await list.rows().getByRole('link').click();
    await list.shows(() => list.column(4), ['SELECT carts', 'GET /cart/{id}']);
    await list.tab().getByText('2 spans kept of trace').waitFor();
    expect(await list.tab().locator('[data-trace]').textContent()).toContain('of 2 services, 1.5\u00a0s');
    await list.link('Logs of this trace').click();
    await list.shows(() => list.column(5), ['cart.failed']);
    expect(page.url()).toContain(`tab=logs&range=1h&trace=${sent.traceId}`);
  });

  it('links to other tools are filled, safe, and none where none is configured', async () => {
    await list.open(`tab=traces&trace=${sent.traceId}`);
    const tempo = list.link('Open in Tempo').first();
    expect(await tempo.getAttribute('href')).toBe(`https://tempo.example/trace/${sent.traceId}`);
    expect(await tempo.getAttribute('target')).toBe('_blank');
    expect(await tempo.getAttribute('rel')).toBe('noopener noreferrer');
    await list.open('tab=logs&service=orders');
    const address = new URL((await list.link('Open in Grafana').getAttribute('href')) ?? '');
    expect(address.searchParams.get('var-service')).toBe('orders');
    expect(Number(address.searchParams.get('to')) - Number(address.searchParams.get('from'))).toBeLessThan(3_601_000);
    expect(await list.link('Open in Loki').getAttribute('href')).toBe('https://loki.example/explore');
    await page.route(`**${base}/links`, (route) => route.fulfill({ json: {} }));
    for (const view of ['logs', `traces&trace=${sent.traceId}`]) {
      await list.open(`tab=${view}`);
      await list.rows().first().click();
      await list.button('Copy span as JSON').or(list.button('Copy record as JSON')).waitFor();
      expect(await page.getByText('Open in').count()).toBe(0);
    }
    await page.unroute(`**${base}/links`);
  });

  describe('an export', () => {
    it('of the logs holds what the filters choose, as CSV and JSON', async () => {
      await list.open('tab=logs&q=pool_wait');
      const table = parse(await list.exported('CSV'));
      expect(table[0]).toEqual(Object.keys(exportRow.logs.shape));
      expect(table.length - 1).toBe(ORDINARY);
      const whole = exportDocument.parse(JSON.parse(await list.exported('JSON')));
      expect([whole.type, whole.truncated, whole.rows.length]).toEqual(['logs', false, ORDINARY]);
    });

    it('of the spans likewise, by keys alone', async () => {
      await list.open('tab=traces&status=slow');
      const table = parse(await list.exported('CSV'));
      expect(table[0]).toEqual(Object.keys(exportRow.traces.shape));
      expect(table.length - 1).toBe(3);
      const text = await list.downloaded(async () => {
        for (const key of ['e', 'ArrowDown', 'Enter']) await page.keyboard.press(key);
      });
      const whole = exportDocument.parse(JSON.parse(text));
      expect([whole.type, whole.rows.length]).toEqual(['traces', 3]);
      await list.shows(() => list.tab().getByRole('menu').count(), 0);
      await page.keyboard.press('e');
      await list.tab().getByRole('menu').waitFor();
      await page.keyboard.press('Escape');
      expect(await list.tab().getByRole('menu').count()).toBe(0);
      expect(await page.evaluate('document.activeElement.id')).toBe('export');
    });

    it.each(['csv', 'json'] as const)('of metrics is downloaded from its address, as %s', async (format) => {
      const metric = 'http.server.request.duration';
      const text = await list.downloaded(async () => {
        await page.evaluate(`location.href = '${base}/export?type=metrics&format=${format}&metric=${metric}&range=1h'`);
      });
      if (format === 'csv') {
        const [header, row] = parse(text);
        expect(header).toEqual(Object.keys(exportRow.metrics.shape));
        expect(row?.[0]).toBe(metric);
      } else {
        const whole = exportDocument.parse(JSON.parse(text));
        expect(whole.rows).toMatchObject([{ metric_name: metric, count: 1 }]);
      }
    });
  });

  it.each([1440, 768])('hostile messages are text, in rows of one height, at %i px', async (width) => {
    await page.setViewportSize({ width, height: 900 });
    await list.open('tab=logs&q=hostile.text');
    const answer = await page.request.get(`${product.console}${base}/logs?range=1h&search=hostile.text`);
    const stored = logs.parse(await answer.json()).items.map(({ message }) => oneLine(message));
    const shown = await list.tab().locator('[data-message]').allTextContents();
    expect(shown).toEqual(stored);
    expect(shown.some((text) => text.startsWith('<img src=x onerror='))).toBe(true);
    expect(shown.some((text) => text.includes('[U+202E]'))).toBe(true);
    expect(shown.join('')).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
    const heights = await list.rows().evaluateAll((all) => all.map((row) => row.getBoundingClientRect().height));
    expect(new Set(heights).size).toBe(1);
    for (const id of await list.rows().evaluateAll((all) => all.map((row) => row.getAttribute('data-log')))) {
      await list.open(`tab=logs&q=hostile.text&row=${id}`);
      await list.tab().locator('.record').waitFor();
      expect(await list.overflow()).toBeLessThanOrEqual(0);
    }
    expect(await page.locator('.panel img, .panel script, .panel b').count()).toBe(0);
  });

  it('nothing of it made the page complain, or opened a dialog', () => {
    expect(list.complaints).toEqual([]);
  });
});
