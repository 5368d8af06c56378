import { readFile } from 'node:fs/promises';
import { exportDocument } from '@command-center/contract/api/exports';
import type { Download, Page } from 'playwright-core';
import { expect } from 'vitest';
import { base } from '../../web/dev/answers.ts';

/** Milliseconds on a machine that others share. */
const WAIT_MS = 15_000;

/** A tab with a list in an open console, as somebody at it sees it. */
export class ListPage {
  readonly page: Page;
  /** `http://…:port` */
  readonly #origin: string;
  /** What the page complained of, dialogs among it. */
  readonly complaints: string[] = [];

  constructor(page: Page, origin: string) {
    this.page = page;
    this.#origin = origin;
    page.setDefaultTimeout(WAIT_MS);
    page.on('pageerror', (error) => this.complaints.push(String(error)));
    page.on('console', (message) => message.type() === 'error' && this.complaints.push(message.text()));
    page.on('dialog', (dialog) => {
      this.complaints.push(`a dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
  }

  readonly tab = () => this.page.locator('[data-tab]');
  readonly rows = () => this.tab().locator('[data-log], [data-span]');
  readonly button = (name: string) => this.tab().getByRole('button', { name, exact: true });
  readonly link = (name: string) => this.tab().getByRole('link', { name, exact: true });
  readonly textsOf = (selector: string) => this.tab().locator(selector).allInnerTexts();

  readonly shows = <T>(what: () => Promise<T>, expected: unknown) =>
    expect.poll(what, { timeout: WAIT_MS }).toEqual(expected);

  /** The text of a column in every row, each once; from 1. */
  readonly column = async (index: number): Promise<string[]> => {
    const texts = await this.textsOf(`tr:is([data-log], [data-span]) > td:nth-child(${index})`);
    return [...new Set(texts.map((text) => text.trim()))];
  };

  /** Opens a view: a query without `?`. */
  readonly visit = (query: string) => this.page.goto(`${this.#origin}/command-center?${query}`);

  /** Opens a view of the last hour, and waits until rows, or why there are none, are there. */
  readonly open = async (query: string): Promise<void> => {
    await this.visit(`range=1h&${query}`);
    await this.shows(() => this.tab().locator('table, [role="status"]').count(), 1);
  };

  /** How many rows of the last hour the product has. */
  readonly stored = async (type: 'logs' | 'traces'): Promise<number> => {
    const answer = await this.page.request.get(`${this.#origin}${base}/export?type=${type}&format=json&range=1h`);
    return exportDocument.parse(await answer.json()).rows.length;
  };

  /** What the menu of the Export button gives. */
  readonly exported = (format: 'CSV' | 'JSON'): Promise<string> =>
    this.downloaded(async () => {
      await this.button('Export').click();
      await this.tab().getByRole('menuitem', { name: format }).click();
    });

  /** The file that an action brings. */
  readonly downloaded = async (act: () => Promise<void>): Promise<string> => {
    const begun: Promise<Download> = this.page.waitForEvent('download');
    await act();
    return readFile(await (await begun).path(), 'utf8');
  };

  /** Pixels that the page is wider than its window. */
  readonly overflow = () => this.page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth');
}
