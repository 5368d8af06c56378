import type { Colour } from '@command-center/contract/api/primitives';
import type { VoiceSummary } from '@command-center/contract/api/voice';
import { colourOf, type ThresholdName, thresholds } from '@command-center/contract/thresholds';
import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import { voiceSummaryOf } from '../../web/dev/voice.ts';
import { consoleTest as it } from './stage.ts';

const voice = '/command-center?tab=voice&range=1h';
const plot = (page: Page, title: string) => page.locator(`[data-chart="${title}"] [role="slider"]`);
const marks: Readonly<Record<NonNullable<Colour>, string>> = { green: '●', yellow: '▲', red: '■' };

/** Which part of the score is judged by which threshold (contract.md §5). */
const judged = [
  ['join_success', 'VOICE_JOIN_SUCCESS'],
  ['packet_loss', 'VOICE_PACKET_LOSS_P95'],
  ['jitter', 'VOICE_JITTER_P95'],
] as const satisfies readonly (readonly [string, ThresholdName])[];

/** Inside green, both ends of yellow, inside red. */
function edgesOf(name: ThresholdName): readonly (readonly [number, NonNullable<Colour>])[] {
  const { warn, crit, isLowerWorse } = thresholds[name];
  const step = isLowerWorse ? -0.1 : 0.1;
  return [
    [warn - step, 'green'],
    [warn, 'yellow'],
    [crit, 'yellow'],
    [crit + step, 'red'],
  ];
}

/** All healthy but one part. */
function withPart(id: string, value: number, colour: Colour): VoiceSummary {
  const made = voiceSummaryOf('ok', Date.now());
  const parts = made.health.parts.map((part) => (part.id === id ? { ...part, value, colour } : part));
  const join = id === 'join_success' ? { ...made.join_success_1h, value, colour } : made.join_success_1h;
  return { ...made, health: { ...made.health, parts }, join_success_1h: join };
}

describe('voice', () => {
  it('shows the score with its parts, what is active, and every chart with what it reads now', async ({ open }) => {
    const { page } = await open({ path: voice });
    await page
      .locator('[data-voice-health] [data-value]')
      .filter({ hasText: /^88\.6$/ })
      .waitFor();
    expect(await page.locator('[data-part]').count()).toBe(4);
    expect(await page.locator('[data-level] [data-value]').allTextContents()).toEqual(['48', '8']);
    for (const title of ['Join success', 'Packet loss', 'Jitter', 'Latency', 'Quality', 'RTP packets forwarded'])
      expect(await plot(page, title).getAttribute('aria-valuetext')).toMatch(/\d\d:\d\d/);
    expect(await page.locator('[data-quality-totals] li').count()).toBe(4);
    expect(await page.getByText(/average|mean/i).count()).toBe(0);
  });

  it('parts are green, yellow and red as their thresholds say, and the score has the mark of the worst', async ({
    open,
  }) => {
    const { page, api } = await open({ path: voice });
    for (const [id, name] of judged) {
      for (const [value, colour] of edgesOf(name)) {
        expect([name, value, colourOf(thresholds[name], value)]).toEqual([name, value, colour]);
        api.answers = { '/voice/summary': { body: withPart(id, value, colour) } };
        await page.keyboard.press('r');
        const tone = { green: 'healthy', yellow: 'degraded', red: 'down' }[colour];
        await page.locator(`[data-part="${id}"] .mark.${tone}`).waitFor();
        expect(await page.locator(`[data-part="${id}"] .mark .mark`).textContent()).toBe(marks[colour]);
        expect(await page.locator('[data-voice-health] .score .mark').textContent()).toBe(marks[colour]);
      }
    }
  });

  it('few joins take no colour, and say why', async ({ open }) => {
    const { page } = await open({ path: voice, scenario: 'few' });
    const hour = page.locator('[data-reading="Last hour"]');
    await hour.filter({ hasText: '6 of 7: too few for a colour (20 needed)' }).waitFor();
    expect(await hour.locator('.mark').count()).toBe(0);
    expect(await page.locator('[data-part="crashes"]').textContent()).toMatch(/no data\s*left out/);
  });

  it('without data there is no score, and each part of the tab names what fills it', async ({ open }) => {
    const { page } = await open({ path: voice, scenario: 'empty' });
    await page.locator('[data-voice-health] [data-value]').filter({ hasText: 'not known' }).waitFor();
    for (const metric of [
      'sessions_active',
      'rooms_active',
      'joins_total',
      'packet_loss_ratio',
      'jitter_ms',
      'latency_ms',
    ])
      await page
        .locator('code', { hasText: `kaiku_voice_${metric}` })
        .first()
        .waitFor();
    for (const title of ['Session duration', 'Participants a room'])
      await page.locator(`[data-chart="${title}"] code`).waitFor();
  });

  it('a level that went silent is not its last value', async ({ open }) => {
    const { page } = await open({ path: voice, scenario: 'stale' });
    const sessions = page.locator('[data-level="kaiku_voice_sessions_active"]');
    await sessions.filter({ hasText: /silent for 5\smin/ }).waitFor();
    expect(await sessions.locator('[data-value]').textContent()).toBe('not known');
  });

  it('a histogram is read bar by bar, with counts and shares, or as a table', async ({ open }) => {
    const { page } = await open({ path: voice });
    const bars = plot(page, 'Session duration');
    await bars.focus();
    await page.keyboard.press('End');
    expect(await bars.getAttribute('aria-valuetext')).toMatch(/^over 2\sh: 122 sessions, 2\.9\s% of all$/);
    await page.keyboard.press('ArrowLeft');
    expect(await bars.getAttribute('aria-valuetext')).toMatch(/^1\sh to 2\sh: 301 sessions/);
    await page.getByRole('button', { name: 'Tables' }).click();
    const rows = page.locator('[data-chart="Participants a room"] tbody tr');
    expect(await rows.nth(1).textContent()).toMatch(/2\s*≈\s8,120\s*32\.8\s%/);
  });

  it('a point opens the logs of voice of its minute', async ({ open }) => {
    const { page } = await open({ path: voice });
    await plot(page, 'Jitter').focus();
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
    await page.waitForURL(/tab=logs.*domain=voice/);
  });
});
