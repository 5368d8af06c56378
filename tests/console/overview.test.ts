import { describe, expect } from 'vitest';
import { config } from '../../web/dev/answers.ts';
import { gate } from './api.ts';
import { consoleTest as it } from './stage.ts';

/** console.md, "Words": what the first screen says in each state. */
describe.concurrent('the first screen', () => {
  it('ok: a quiet verdict, four numbers, seven services and the newest errors', async ({ open }) => {
    const { page } = await open();
    await page.locator('[aria-label="Verdict"][data-status="ok"]').filter({ hasText: 'OK' }).waitFor();
    const numbers = await page.locator('[data-sign] [data-value]').allTextContents();
    expect(numbers.map(plain)).toEqual(['134 ms', '214 /s', '0.4 %', '61 %']);
    expect(await page.locator('[data-service]').count()).toBe(7);
    const feed = page.getByRole('region', { name: 'Errors, newest first' });
    await feed.getByText('newest 6 kinds in 24 h').waitFor();
    expect(await feed.getByRole('listitem').count()).toBe(6);
    expect(await page.title()).toBe('● OK · Command Center');
    // Nothing more to do, so nothing more to click.
    expect(await page.getByLabel('Verdict').getByRole('link').count()).toBe(0);
  });

  it.for([
    ['degraded', '▲ Degraded', 'p95 of GET /cart/{id} is 1.4 s (red above 1 s), checkout', '▲', '?tab=infrastructure'],
    ['down', '■ Down', 'PostgreSQL: no answer within 2 s', '■', '?tab=infrastructure'],
  ] as const)(
    '%s: the word, its mark, since when, the first cause, and where to look',
    async ([scenario, state, cause, mark, look], { open }) => {
      const { page } = await open({ scenario });
      const verdict = page.locator(`[aria-label="Verdict"][data-status="${scenario}"]`);
      await verdict.waitFor();
      const text = plain((await verdict.textContent()) ?? '');
      expect(text).toContain(state);
      expect(text).toMatch(/since \d\d:\d\d \(2[23] min\)/);
      expect(text).toContain(cause);
      const row = page.locator(`[data-service="postgresql"][data-status="${scenario}"]`);
      expect(plain((await row.textContent()) ?? '')).toMatch(new RegExp(`^${mark} PostgreSQL.*${scenario}.*2[23] min`));
      expect(await page.title()).toBe(`${state} · Command Center`);
      await verdict.getByRole('link', { name: /^open / }).click();
      await page.waitForURL(`**/command-center${look}`);
    },
  );

  it('few samples: the ratio with its counts, why it has no colour, and no mark', async ({ open }) => {
    const { page } = await open({ scenario: 'few' });
    const card = page.locator('[data-sign="errors"]');
    await card.getByText('1 of 3: too few for a colour (20 needed)').waitFor();
    expect(await card.locator('.mark').count()).toBe(0);
  });

  it('unknown and unconfigured services say so, with a mark of their own', async ({ open }) => {
    const { page } = await open();
    const unknown = page.locator('[data-service="voice_sfu"]');
    await unknown.filter({ hasText: 'nothing heard for 3 min' }).waitFor();
    expect(plain((await unknown.textContent()) ?? '')).toMatch(/^\? Voice SFU.*unknown/);
    const s3 = page.locator('[data-service="s3"]');
    expect(plain((await s3.textContent()) ?? '')).toMatch(/^○ S3.*unconfigured/);
  });

  it('stale: when the sidecar last wrote, and no number of before as if it were of now', async ({ open }) => {
    const { page } = await open({ scenario: 'stale' });
    await page.getByText(/The sidecar last wrote at \d\d:\d\d:\d\d\./).waitFor();
    const numbers = await page.locator('[data-sign] [data-value]').allTextContents();
    expect(numbers).toEqual(['–', '–', '–', '–']);
    expect(await page.locator('[data-sign] .mark').allTextContents()).toEqual(['?', '?', '?', '?']);
    expect(await page.locator('[data-service][data-status="healthy"]').count()).toBe(0);
  });

  it('an answer of half a minute ago: updated when, and that it is stale', async ({ open }) => {
    const { page, api, advance } = await open({ isClockHeld: true });
    await page.locator('[data-metadata]').getByText('updated 0 s ago').waitFor();
    api.answers = { '/summary': 'never' };
    await advance(30_000);
    await page.locator('[data-metadata]').getByText('▲ updated 30 s ago (stale)').waitFor();
    await page.locator('[aria-label="Verdict"][data-status="unknown"]').waitFor();
  });

  it('collecting: the first minute takes a minute', async ({ open }) => {
    const { page } = await open({ scenario: 'collecting' });
    await page.getByRole('heading', { name: 'Collecting data… The first minute takes a minute.' }).waitFor();
  });

  it('never received: where to point a collector, to copy', async ({ open }) => {
    const { page } = await open({ scenario: 'empty' });
    const first = page.getByRole('region', { name: 'First data' });
    await first.getByRole('heading', { name: 'No metrics yet. Point a collector here:' }).waitFor();
    const snippet = first.locator('pre');
    expect(await snippet.textContent()).toContain(`endpoint: ${config.otlp?.grpc}`);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await first.getByRole('button', { name: /^Copy/ }).click();
    await first.getByText('Copied').waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(await snippet.textContent());
    await first.getByRole('button', { name: 'Environment' }).click();
    expect(await snippet.textContent()).toContain(`OTEL_EXPORTER_OTLP_ENDPOINT=${config.otlp?.http}`);
    const numbers = await page.locator('[data-sign] [data-value]').allTextContents();
    expect(numbers).toEqual(['–', '–', '–', '–']);
  });

  it('received but not shown: how many of what, from whom, and the way to Intake', async ({ open }) => {
    const { page } = await open({ scenario: 'not-shown', path: '/command-center?tab=logs' });
    const heading = page.getByRole('heading', { name: /arrived/ });
    await heading.waitFor();
    expect(await heading.textContent()).toBe(
      '12,400 points arrived from `orders`, none with a metric in the contract. See Intake.',
    );
    await heading.getByRole('link', { name: 'Intake' }).click();
    await page.waitForURL('**/command-center?tab=intake');
  });

  it('signed out: how to come in, and nothing else', async ({ open }) => {
    const { page, api } = await open({ scenario: 'signed-out' });
    await page.getByRole('heading', { name: 'You are signed out' }).waitFor();
    expect(await page.locator('[data-sign], [data-service], table').count()).toBe(0);
    api.scenario = 'ok';
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.locator('[aria-label="Verdict"][data-status="ok"]').waitFor();
  });

  it('without the role: as whom one is signed in, and which role is missing', async ({ open }) => {
    const { page } = await open({ scenario: 'forbidden' });
    await page.getByRole('heading', { name: 'You may not see this page' }).waitFor();
    await page
      .getByText('You are signed in as a@example.org, without the admin role (`roles` must hold `system-admin`).')
      .waitFor();
    expect(await page.locator('[data-sign], [data-service], table').count()).toBe(0);
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

/** With spaces alone, and one at a time. */
function plain(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
