import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import { consoleTest as it } from './stage.ts';

/** Keeps what is animated, wherever it begins: one that has ended is listed by nobody. */
const WATCH_ANIMATIONS = `
  window.animated = [];
  const { animate } = Element.prototype;
  Element.prototype.animate = function (...all) {
    window.animated.push(this.getAttribute('aria-label') ?? this.getAttribute('data-service') ?? this.className);
    return animate.apply(this, all);
  };`;

const animatedBy = (page: Page) => page.evaluate<string[]>('window.animated');
/** Of style sheets too. */
const running = (page: Page) => page.evaluate<number>('document.getAnimations().length');

/** console.md, "Motion". */
describe.concurrent('motion', () => {
  it('none on load; a state that changes flashes once, for a second', async ({ open }) => {
    const { page, api } = await open({ before: WATCH_ANIMATIONS });
    await page.locator('[data-value]').first().waitFor();
    expect(await animatedBy(page)).toEqual([]);
    expect(await running(page)).toBe(0);
    api.scenario = 'down';
    await page.keyboard.press('r');
    await page.locator('[aria-label="Verdict"][data-status="down"]').waitFor();
    const animated = await animatedBy(page);
    expect(animated).toContain('Verdict');
    expect(animated).toContain('postgresql');
    // What did not change does not move.
    expect(animated).not.toContain('http_api');
    expect(new Set(animated).size).toBe(animated.length);
  });

  it('none at all for who wants less of it', async ({ open }) => {
    const { page, api } = await open({ before: WATCH_ANIMATIONS, reducedMotion: 'reduce' });
    await page.locator('[data-value]').first().waitFor();
    api.scenario = 'down';
    await page.keyboard.press('r');
    await page.locator('[aria-label="Verdict"][data-status="down"]').waitFor();
    expect(await animatedBy(page)).toEqual([]);
    expect(await running(page)).toBe(0);
  });
});
