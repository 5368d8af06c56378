import { describe, expect } from 'vitest';
import { consoleTest as it } from './stage.ts';

describe.concurrent('the database is away', () => {
  it('after it was there: the last good data, when that was, and when it is tried again', async ({ open }) => {
    const { page, api, advance } = await open({ isClockHeld: true });
    const trouble = page.locator('.overview').getByText('The database does not answer.');
    await page.locator('[data-sign="latency"] [data-value]').waitFor();
    const goodAt = await page.evaluate<string>('new Date().toISOString().slice(11, 19)');
    api.scenario = 'database-away';
    await advance(10_000);
    await trouble.waitFor();
    const words = ((await trouble.textContent()) ?? '').replaceAll(/\s+/g, ' ');
    expect(words).toContain(`Shown: the last good data, ${goodAt}.`);
    expect(words).toMatch(/Retrying in 2 s\./);
    expect(await page.locator('[data-service]').count()).toBe(7);
    api.scenario = 'ok';
    await advance(2_000);
    await trouble.waitFor({ state: 'detached' });
  });

  it('from the start: the reason, no number, and no word of an earlier answer', async ({ open }) => {
    const { page } = await open({ scenario: 'database-away' });
    const words = page.locator('.overview').getByText('The database does not answer.');
    await words.waitFor();
    expect(await words.textContent()).not.toContain('last good data');
    expect(await page.locator('.overview').getByText('not known').count()).toBe(6);
    expect(await page.locator('[data-value]').count()).toBe(0);
  });
});

describe.concurrent('the live connection is lost', () => {
  it('it says so and when it tries again, polls meanwhile, and is live again by itself', async ({ open }) => {
    const { page, api, live, advance } = await open({ isLive: true, isClockHeld: true });
    const way = page.locator('[data-connection]');
    const verdict = (status: string) => page.locator(`[aria-label="Verdict"][data-status="${status}"]`);
    await advance(100);
    await advance(100);
    await way.filter({ hasText: '● live' }).waitFor();
    live.isOpen = false;
    api.scenario = 'down';
    await live.cut();
    await advance(0);
    const trouble = page.locator('[data-trouble]').filter({ hasText: 'Live connection lost' });
    await trouble.waitFor();
    expect(await trouble.textContent()).toMatch(/(next try in \d+\ss|trying now)\s*$/);
    await way.filter({ hasText: 'polling' }).waitFor();
    for (let second = 0; second < 11; second += 1) await advance(1_000);
    await verdict('down').waitFor();
    live.isOpen = true;
    // The longest wait between two tries, and a moment to be drawn; what is not heard for 15 s is lost again.
    for (let second = 0; second < 32 && (await way.filter({ hasText: '● live' }).count()) === 0; second += 1)
      await advance(1_000);
    await way.filter({ hasText: '● live' }).waitFor();
    expect((await page.locator('[data-trouble]').textContent())?.trim()).toBe('');
  });

  it('an error is in the feed as soon as it is told', async ({ open }) => {
    const { page, live } = await open({ isLive: true });
    await page.locator('[data-connection]').filter({ hasText: '● live' }).waitFor();
    live.pushError('card_declined', 'the provider said no');
    const feed = page.getByRole('region', { name: 'Errors, newest first' });
    await feed.getByRole('listitem').first().filter({ hasText: 'card_declined' }).waitFor();
  });
});
