import type { Page } from 'playwright-core';
import { test } from 'vitest';
import { type ConsoleOptions, newPage, type OpenConsole, openConsole, startStage } from './open.ts';

/** A test that is handed `open`: pages that are closed when it ends, and that must not have complained until then. */
export const consoleTest = test
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads from the pattern what a fixture needs
  .extend('stage', { scope: 'file' }, async ({}, { onCleanup }) => {
    const stage = await startStage();
    onCleanup(() => stage?.close());
    return stage;
  })
  .extend('open', async ({ stage, skip }, { onCleanup }) => {
    const complaints: string[] = [];
    const pages: Page[] = [];
    onCleanup(async () => {
      for (const page of pages) await page.close();
      if (complaints.length > 0) throw new Error(`the page complained: ${complaints.join('\n')}`);
    });
    return async (options: ConsoleOptions = {}): Promise<OpenConsole> => {
      if (stage === null) return skip('no chromium, chromium-browser or google-chrome in PATH');
      const page = await newPage(stage.browser, options);
      pages.push(page);
      hearComplaints(page, complaints);
      return openConsole(page, stage.address, options);
    };
  });

function hearComplaints(page: Page, complaints: string[]): void {
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    // The browser says so of each answer that is no success.
    const isOfAnswer = message.text().startsWith('Failed to load resource');
    if (message.type() === 'error' && !isOfAnswer) complaints.push(message.text());
  });
}
