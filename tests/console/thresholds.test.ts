import type { Summary, VitalSign } from '@command-center/contract/api/summary';
import { colourOf, type Threshold, type ThresholdName, thresholds } from '@command-center/contract/thresholds';
import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import { summaryOf } from '../../web/dev/summary.ts';
import type { MadeApi } from './api.ts';
import { consoleTest as it } from './stage.ts';

type SignName = keyof Summary['vital_signs'];

/** Which card draws which threshold (contract.md §5 and 6). */
const cards: readonly (readonly [SignName, ThresholdName])[] = [
  ['latency', 'API_LATENCY_P95'],
  ['errors', 'API_ERROR_RATE'],
  ['saturation', 'DB_POOL'],
  ['saturation', 'OTEL_QUEUE'],
  ['saturation', 'PROCESS_MEMORY'],
];

/** A state is a shape, a word and a colour of the tokens. */
const looks = {
  green: { mark: '●', word: 'green', token: '--healthy' },
  yellow: { mark: '▲', word: 'yellow', token: '--degraded' },
  red: { mark: '■', word: 'red', token: '--down' },
} as const;

async function showSign(
  page: Page,
  api: MadeApi,
  name: SignName,
  sign: Partial<VitalSign>,
  mark: string,
): Promise<void> {
  const made = summaryOf('ok', Date.now());
  const all = { ...made.vital_signs, [name]: { ...made.vital_signs[name], ...sign } };
  api.answers = { '/summary': { body: { ...made, vital_signs: all } } };
  await page.keyboard.press('r');
  await page.locator(`[data-sign="${name}"] .mark`).filter({ hasText: mark }).waitFor();
}

/** The colour that a token has here, as the browser computes it. */
function colourOfToken(page: Page, token: string): Promise<unknown> {
  return page.evaluate(`(() => {
    const probe = document.body.appendChild(document.createElement('i'));
    probe.style.color = 'var(${token})';
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  })()`);
}

/** contract.md §5: "yellow from", "red above", as drawn on the cards: green below, yellow from warn to crit, red above. */
describe.concurrent('the colours of the vital signs', () => {
  it.for(['dark', 'light'] as const)('%s', async (colorScheme, { open }) => {
    const { page, api } = await open({ colorScheme });
    await page.locator('[data-value]').first().waitFor();
    for (const [name, thresholdName] of cards) {
      const threshold = thresholds[thresholdName];
      for (const [value, colour] of edgesOf(threshold)) {
        const at = `${thresholdName} at ${value}`;
        expect([at, colourOf(threshold, value)]).toEqual([at, colour]);
        const { mark, word, token } = looks[colour];
        const { warn, crit, unit, signal } = threshold;
        const sign = { value, unit, colour, subject: signal, lo: null, hi: null, quality: null };
        await showSign(page, api, name, { ...sign, thresholds: { warn, crit } }, mark);
        const words = await page.locator(`[data-sign="${name}"] .mark + .unseen`).textContent();
        const drawn = await page.evaluate(
          `getComputedStyle(document.querySelector('[data-sign="${name}"] .mark')).color`,
        );
        expect([at, words, drawn]).toEqual([at, word, await colourOfToken(page, token)]);
      }
    }
  });
});

function edgesOf({ warn, crit }: Threshold): readonly (readonly [number, keyof typeof looks])[] {
  return [
    [warn - 0.1, 'green'],
    [warn, 'yellow'],
    [crit, 'yellow'],
    [crit + 0.1, 'red'],
  ];
}
