import { readFile } from 'node:fs/promises';
import { exportDocument, exportRow } from '@command-center/contract/api/exports';
import { logs } from '@command-center/contract/api/lists';
import { parse } from 'csv-parse/sync';
import type { Browser, Download, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { oneLine } from '../../web/src/ui/visible.ts';
import { type AllInOne, startAllInOne } from '../processes/allInOne.ts';
import { findChromium, launch } from './chromium.ts';
import { hostileMessages, ORDINARY, type Sent, sendLists, UNSAMPLED } from './listData.ts';

const API = '/api/admin/observability';
const WAIT_MS = 15_000;
const links = {
  COMMAND_CENTER_GRAFANA_URL: 'https://grafana.example/d/abc?var-service={service}&from={from}&to={to}',
  COMMAND_CENTER_TEMPO_URL: 'https://tempo.example/trace/{trace_id}',
  COMMAND_CENTER_LOKI_URL: 'https://loki.example/explore',
};

const executable = findChromium();

/** The product answers; nothing here is made up but the telemetry. */
describe('logs, traces and exports in a browser, over the all-in-one', { timeout: 60_000 }, () => {
  let product: AllInOne;
  let browser: Browser;
  let page: Page;
  let sent: Sent;
  const complaints: string[] = [];

  beforeAll(async () => {
    if (executable === undefined) return;
    product = await startAllInOne(links);
    sent = await sendLists(product);
    browser = await launch(executable);
    page = await browser.newPage({ viewport: { width: 1440, height: 900 }, colorScheme: 'dark' });
    page.setDefaultTimeout(WAIT_MS);
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('dialog', (dialog) => {
      complaints.push(`a dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    await page.goto(product.loginLink);
    await page.waitForURL('**/command-center');
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    const ended = await product?.stop();
    expect(ended?.code).toBe(executable === undefined ? undefined : 0);
  });
  beforeEach(({ skip }) => skip(executable === undefined, 'no chromium, chromium-browser or google-chrome in PATH'));

  async function countOf(list: 'logs' | 'traces'): Promise<number> {
    const answer = await page.request.get(`${product.console}${API}/export?type=${list}&format=json&range=1h`);
    return exportDocument.parse(await answer.json()).rows.length;
  }

  const tab = () => page.locator('[data-tab]');
  const rows = () => tab().locator('[data-log], [data-span]');
  const textsOf = (selector: string) => tab().locator(selector).allInnerTexts();
  const button = (name: string) => tab().getByRole('button', { name, exact: true });
  const link = (name: string) => tab().getByRole('link', { name, exact: true });

  /** Opens a view, and waits until what it shows answers it. */
  async function open(query: string): Promise<void> {
    await page.goto(`${product.console}/command-center?range=1h${query}`);
    await shows(() => tab().locator('table, [role="status"]').count(), 1);
  }

  const shows = <T>(what: () => Promise<T>, expected: unknown) =>
    expect.poll(what, { timeout: WAIT_MS }).toEqual(expected);

  /** The text of a column in every row, each once. */
  const column = async (index: number): Promise<string[]> => [
    ...new Set((await textsOf(`tr:is([data-log], [data-span]) > td:nth-child(${index})`)).map((text) => text.trim())),
  ];

  async function download(format: 'CSV' | 'JSON'): Promise<string> {
    const begun = page.waitForEvent('download');
    await button('Export').click();
    await tab().getByRole('menuitem', { name: format }).click();
    return textOf(await begun);
  }

  it('all that was sent is there', async () => {
    await shows(() => countOf('logs'), sent.logs);
    await shows(() => countOf('traces'), sent.spans);
  });

  describe('the logs', () => {
    const log = { level: 2, service: 3, event: 5, message: 6 };

    it('are filtered by level', async () => {
      await open('&tab=logs');
      await tab().getByText('ERROR', { exact: true }).first().click();
      await shows(() => rows().count(), 1 + hostileMessages.length);
      expect((await column(log.level)).every((text) => text.endsWith('ERROR'))).toBe(true);
      expect(page.url()).toContain('level=ERROR');
    });

    it('are filtered by service, by domain and by both, and cleared', async () => {
      await open('&tab=logs');
      await tab().getByLabel('Service').fill('orders');
      await page.keyboard.press('Enter');
      await shows(() => column(log.service), ['orders']);
      await tab().getByLabel('Domain').selectOption('db');
      await shows(() => column(log.event), ['pool_wait']);
      await button('Clear filters').click();
      await shows(async () => (await column(log.service)).toSorted(), ['gateway', 'orders']);
    });

    it('are searched, also for what is not there', async () => {
      await open('&tab=logs');
      await page.keyboard.press('/');
      await page.locator('#log-search:focus').fill('could NOT be read');
      await page.keyboard.press('Enter');
      await shows(() => column(log.event), ['cart.failed']);
      await page.locator('#log-search').fill('nothing like it');
      await page.keyboard.press('Enter');
      await tab().getByText('Nothing in this range with “nothing like it”.').waitFor();
    });

    it('are filtered by time', async () => {
      const toMs = Date.now() - 3 * 60_000;
      await page.goto(`${product.console}/command-center?tab=logs&from=${toMs - 600_000}&to=${toMs}`);
      await shows(() => column(log.event), ['pool_wait']);
      expect(await rows().count()).toBeLessThan(ORDINARY);
    });

    it('are grouped', async () => {
      await open('&tab=logs');
      await tab().getByLabel('group repeats').check();
      await shows(
        async () => (await column(2)).toSorted(),
        ['1', String(ORDINARY), String(hostileMessages.length)].toSorted(),
      );
    });

    it('have pages', async () => {
      await open('&tab=logs&q=pool_wait');
      const first = await column(log.message);
      expect(first).toHaveLength(50);
      await button('Older').click();
      await shows(() => rows().count(), ORDINARY - 50);
      expect(await button('Older').isDisabled()).toBe(true);
      expect((await column(log.message)).filter((text) => first.includes(text))).toEqual([]);
      await button('Newer').click();
      await shows(() => column(log.message), first);
      expect(await button('Newer').isDisabled()).toBe(true);
    });

    it('of a trace that is not sampled name it without a link', async () => {
      await open('&tab=logs&q=sampled.out');
      await rows().first().click();
      await tab().getByText('not sampled: its spans are kept nowhere').waitFor();
      expect(await tab().getByText(UNSAMPLED.slice(0, 8), { exact: true }).getAttribute('href')).toBeNull();
      expect(await rows().getByRole('link').count()).toBe(0);
      expect(await link('Open in Tempo').count()).toBe(0);
      expect(await tab().locator('.record').getByRole('link', { name: 'Open in Loki' }).count()).toBe(1);
    });
  });

  describe('the spans', () => {
    const span = { duration: 2, status: 3, name: 4, route: 5, service: 6, domain: 7 };

    it('are filtered by status', async () => {
      await open('&tab=traces');
      await tab().getByText('error', { exact: true }).first().click();
      await shows(() => column(span.name), ['GET /cart/{id}']);
      expect(await column(span.status)).toEqual(['■ error 503']);
      await tab().getByText('slow', { exact: true }).first().click();
      await shows(async () => (await textsOf('[data-span] > td:nth-child(2)')).length, 3);
    });

    it('are coloured by the threshold of what they are', async () => {
      await open('&tab=traces&status=slow');
      // Newest first: 1.5 s over the red of the API, 120 ms over the yellow of the database, 250 ms over that of the API.
      const words = await textsOf('[data-span] > td:nth-child(2) .unseen');
      const names = await textsOf(`[data-span] > td:nth-child(${span.name})`);
      expect(Object.fromEntries(names.map((name, index) => [name, words[index]]))).toEqual({
        'GET /cart/{id}': 'red',
        'SELECT carts': 'yellow',
        'POST /auth/login': 'yellow',
      });
    });

    it('are filtered by domain, route and least duration, and cleared', async () => {
      await open('&tab=traces');
      await tab().getByLabel('Domain').selectOption('db');
      await shows(() => column(span.name), ['SELECT carts']);
      await tab().getByLabel('Domain').selectOption('');
      await tab().getByLabel('Route').fill('/auth/login');
      await page.keyboard.press('Enter');
      await shows(() => column(span.name), ['POST /auth/login']);
      await button('Clear filters').click();
      await tab().getByLabel('At least, milliseconds').fill('251');
      await page.keyboard.press('Enter');
      await shows(() => column(span.name), ['GET /cart/{id}']);
      expect(page.url()).toContain('duration_min=251');
    });

    it('take no trace id that is none', async () => {
      await open('&tab=traces');
      await tab().getByLabel('Trace', { exact: true }).fill('not an id');
      await page.keyboard.press('Enter');
      expect(page.url()).not.toContain('trace=');
      await tab().getByLabel('Trace', { exact: true }).fill(sent.traceId.toUpperCase());
      await page.keyboard.press('Enter');
      await shows(() => rows().count(), 2);
    });

    it('have quick views, of the last hour and nothing else', async () => {
      await page.goto(`${product.console}/command-center?tab=traces&domain=db&range=7d`);
      await link('Recent errors').click();
      await shows(() => column(span.name), ['GET /cart/{id}']);
      expect(new URL(page.url()).search).toBe('?tab=traces&range=1h&status=error');
      await link('Recent slow').click();
      await shows(() => rows().count(), 3);
      expect(await link('Recent slow').getAttribute('aria-current')).toBe('page');
    });

    it('have pages', async () => {
      await open('&tab=traces');
      await shows(() => rows().count(), 50);
      await button('Older').click();
      await shows(() => rows().count(), sent.spans - 50);
      await page.goBack();
      await shows(() => rows().count(), 50);
    });

    it('say what is not found', async () => {
      await open(`&tab=traces&trace=${'ab'.repeat(16)}`);
      await tab().getByText('is kept in this range').waitFor();
      await open('&tab=traces&route=/none');
      await tab().getByText('No span in this range with route /none.').waitFor();
    });
  });

  it('an error leads from the feed to the logs of its trace, to its spans, and back to its logs', async () => {
    await page.goto(`${product.console}/command-center?tab=intake&range=1h`);
    await page
      .getByRole('region', { name: 'Errors, newest first' })
      .getByRole('listitem')
      .filter({ hasText: 'cart.failed' })
      .getByRole('link', { name: 'trace' })
      .click();
    await shows(() => column(5), ['cart.failed']);
    await rows().getByRole('link').click();
    await shows(() => column(4), ['SELECT carts', 'GET /cart/{id}']);
    await tab().getByText('2 spans kept of trace').waitFor();
    expect(await tab().locator('[data-trace]').textContent()).toContain('of 2 services, 1.5\u00a0s');
    await link('Logs of this trace').click();
    await shows(() => column(5), ['cart.failed']);
    expect(page.url()).toContain(`tab=logs&range=1h&trace=${sent.traceId}`);
  });

  it('links to other tools are filled, safe, and none where none is configured', async () => {
    await open(`&tab=traces&trace=${sent.traceId}`);
    const tempo = link('Open in Tempo').first();
    expect(await tempo.getAttribute('href')).toBe(`https://tempo.example/trace/${sent.traceId}`);
    expect([await tempo.getAttribute('target'), await tempo.getAttribute('rel')]).toEqual([
      '_blank',
      'noopener noreferrer',
    ]);
    await open('&tab=logs&service=orders');
    const address = new URL((await link('Open in Grafana').getAttribute('href')) ?? '');
    expect(address.searchParams.get('var-service')).toBe('orders');
    expect(Number(address.searchParams.get('to')) - Number(address.searchParams.get('from'))).toBeLessThan(3_601_000);
    expect(await link('Open in Loki').getAttribute('href')).toBe('https://loki.example/explore');
    await page.route(`**${API}/links`, (route) => route.fulfill({ json: {} }));
    for (const list of ['logs', `traces&trace=${sent.traceId}`]) {
      await open(`&tab=${list}`);
      await rows().first().click();
      await button('Copy span as JSON').or(button('Copy record as JSON')).waitFor();
      expect(await page.getByText('Open in').count()).toBe(0);
    }
    await page.unroute(`**${API}/links`);
  });

  describe('an export', () => {
    it('of the logs holds what the filters choose, as CSV and JSON', async () => {
      await open('&tab=logs&q=pool_wait');
      const table = parse(await download('CSV'));
      expect(table[0]).toEqual(Object.keys(exportRow.logs.shape));
      expect(table.length - 1).toBe(ORDINARY);
      const whole = exportDocument.parse(JSON.parse(await download('JSON')));
      expect([whole.type, whole.truncated, whole.rows.length]).toEqual(['logs', false, ORDINARY]);
    });

    it('of the spans likewise, by keys alone', async () => {
      await open('&tab=traces&status=slow');
      const table = parse(await download('CSV'));
      expect(table[0]).toEqual(Object.keys(exportRow.traces.shape));
      expect(table.length - 1).toBe(3);
      const begun = page.waitForEvent('download');
      await page.keyboard.press('e');
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      const whole = exportDocument.parse(JSON.parse(await textOf(await begun)));
      expect([whole.type, whole.rows.length]).toEqual(['traces', 3]);
      await shows(() => tab().getByRole('menu').count(), 0);
      await page.keyboard.press('e');
      await tab().getByRole('menu').waitFor();
      await page.keyboard.press('Escape');
      expect(await tab().getByRole('menu').count()).toBe(0);
      expect(await page.evaluate('document.activeElement.id')).toBe('export');
    });

    it.each(['csv', 'json'] as const)('of metrics is downloaded from its address, as %s', async (format) => {
      const metric = 'http.server.request.duration';
      const begun = page.waitForEvent('download');
      await page.evaluate(`location.href = '${API}/export?type=metrics&format=${format}&metric=${metric}&range=1h'`);
      const text = await textOf(await begun);
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
    await open('&tab=logs&q=hostile.text');
    const answer = await page.request.get(`${product.console}${API}/logs?range=1h&search=hostile.text`);
    const stored = logs.parse(await answer.json()).items.map(({ message }) => oneLine(message));
    const shown = await tab()
      .locator('[data-message]')
      .evaluateAll((all) => all.map(({ textContent }) => textContent));
    expect(shown).toEqual(stored);
    expect(shown.some((text) => text.startsWith('<img src=x onerror='))).toBe(true);
    expect(shown.some((text) => text.includes('[U+202E]'))).toBe(true);
    expect(shown.join('')).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
    const heights = await rows().evaluateAll((all) => all.map((row) => row.getBoundingClientRect().height));
    expect(new Set(heights).size).toBe(1);
    for (const id of await rows().evaluateAll((all) => all.map((row) => row.getAttribute('data-log')))) {
      await open(`&tab=logs&q=hostile.text&row=${id}`);
      await tab().locator('.record').waitFor();
      const overflow = await page.evaluate('document.documentElement.scrollWidth - window.innerWidth');
      expect(overflow).toBeLessThanOrEqual(0);
    }
    expect(await page.locator('.panel img, .panel script, .panel b').count()).toBe(0);
  });

  it('nothing of it made the page complain, or opened a dialog', () => {
    expect(complaints).toEqual([]);
  });
});

async function textOf(download: Download): Promise<string> {
  return readFile(await download.path(), 'utf8');
}
