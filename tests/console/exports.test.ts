import { limits } from '@command-center/api/limits';
import { defaultContract } from '@command-center/contract/contract';
import { describe, expect } from 'vitest';
import { consoleTest as it } from './stage.ts';

const { catalogue } = defaultContract;

describe.concurrent('Export, by its key', () => {
  it.for(['golden', 'voice', 'infrastructure'] as const)(
    '%s: the metrics of its charts, as CSV or JSON',
    async (tab, { open }) => {
      const { page } = await open({ path: `/command-center?tab=${tab}&range=6h` });
      await page.getByRole('button', { name: 'Export' }).waitFor();
      await page.keyboard.press('e');
      for (const format of ['csv', 'json']) {
        const link = page.locator(`a[download][href*="format=${format}"]`);
        const query = new URL((await link.getAttribute('href')) ?? '', page.url()).searchParams;
        const metrics = query.getAll('metric');
        expect([query.get('type'), query.get('range')]).toEqual(['metrics', '6h']);
        expect(metrics.length).toBeLessThanOrEqual(limits.trendMetrics);
        expect(metrics.filter((name) => catalogue.entryOf(name) === undefined)).toEqual([]);
      }
    },
  );

  it('of one route: what is kept by route, of that route', async ({ open }) => {
    const { page } = await open({ path: '/command-center?tab=golden&service=checkout&route=/items' });
    await page.getByRole('button', { name: 'Export' }).click();
    const href = (await page.locator('a[download]').first().getAttribute('href')) ?? '';
    const query = new URL(href, page.url()).searchParams;
    expect(query.getAll('where')).toEqual(['service.name:checkout', 'http.route:/items']);
    for (const name of query.getAll('metric')) expect(catalogue.entryOf(name)?.labels).toContain('http.route');
  });

  it('intake: there is nothing to export, and the key does nothing', async ({ open }) => {
    const { page } = await open({ path: '/command-center?tab=intake' });
    await page.getByText('What arrived').waitFor();
    await page.keyboard.press('e');
    expect(await page.locator('a[download]').count()).toBe(0);
  });
});
