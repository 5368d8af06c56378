import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { fileURLToPath } from 'node:url';
import { consoleFiles } from '@command-center/api/entry/files';
import { consolePolicy } from '@command-center/api/headers';
import { livePath } from '@command-center/contract/live';
import type { Browser, Page } from 'playwright-core';
import { test } from 'vitest';
import type { Scenario } from '../../web/dev/scenario.ts';
import { findChromium, launch } from '../browser/chromium.ts';
import { type Answers, MadeApi } from './api.ts';
import { MadeLive } from './liveSocket.ts';

/** The built console over made data, in a real browser: a browser a file, a page with an API of its own a call. */

const WEB_ROOT = fileURLToPath(new URL('../../web/dist/', import.meta.url));
/** Long enough on a machine that others share; what is longer will not come. */
const WAIT_MS = 10_000;
const executable = findChromium();

export interface ConsoleOptions {
  /** `ok` where none is given. */
  readonly scenario?: Scenario;
  /** With its query: `/command-center?tab=logs`. Where none is given, a tab that asks for little: what is about Golden Signals names it. */
  readonly path?: string;
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly colorScheme?: 'light' | 'dark';
  readonly reducedMotion?: 'reduce' | 'no-preference';
  /** In place of what the scenario says. */
  readonly answers?: Answers;
  /** Whether `/config` names a live socket. */
  readonly isLive?: boolean;
  /** Runs in the page before its own scripts. */
  readonly before?: string;
  /** The time stands still, and goes on by `advance` alone. */
  readonly isClockHeld?: boolean;
}

export interface OpenConsole {
  readonly page: Page;
  readonly api: MadeApi;
  readonly live: MadeLive;
  /** Until what the page has asked for so far is answered, and it knows. */
  answered(): Promise<void>;
  /** By the page's clock, where that is held: timers run, and what they asked for is answered. */
  advance(ms: number): Promise<void>;
}

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

interface Stage {
  readonly browser: Browser;
  /** Host and port of the built files. */
  readonly address: string;
  close(): Promise<void>;
}

/** Null without a browser. */
async function startStage(): Promise<Stage | null> {
  if (executable === undefined) return null;
  const server = serveFiles();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('no port');
  const browser = await launch(executable);
  return {
    browser,
    address: `127.0.0.1:${bound.port}`,
    async close() {
      await browser.close();
      server.closeAllConnections();
      server.close();
    },
  };
}

function serveFiles(): Server {
  const files = consoleFiles(WEB_ROOT);
  return createServer(async (request, response) => {
    const origin = `http://${request.headers.host}`;
    const found = await files(new Request(new URL(request.url ?? '/', origin), { method: request.method ?? 'GET' }));
    const policy = { 'Content-Security-Policy': consolePolicy(`ws://${request.headers.host}${livePath}`) };
    if (found === null) return response.writeHead(404, policy).end();
    // The page's own policy, unless the console is not built and the answer brings one.
    response.writeHead(found.status, { ...policy, ...Object.fromEntries(found.headers) });
    return response.end(Buffer.from(await found.arrayBuffer()));
  });
}

async function newPage(browser: Browser, options: ConsoleOptions): Promise<Page> {
  const { viewport = { width: 1440, height: 900 }, colorScheme = 'dark', reducedMotion = 'no-preference' } = options;
  const page = await browser.newPage({ viewport, colorScheme, reducedMotion, timezoneId: 'UTC' });
  page.setDefaultTimeout(WAIT_MS);
  return page;
}

function hearComplaints(page: Page, complaints: string[]): void {
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    // The browser says so of each answer that is no success.
    const isOfAnswer = message.text().startsWith('Failed to load resource');
    if (message.type() === 'error' && !isOfAnswer) complaints.push(message.text());
  });
}

async function openConsole(page: Page, address: string, options: ConsoleOptions): Promise<OpenConsole> {
  const {
    scenario = 'ok',
    path = '/command-center?tab=intake',
    answers = {},
    isLive = false,
    before,
    isClockHeld,
  } = options;
  const startMs = Date.now();
  let heldMs: number | null = null;
  const nowMs = (): number => heldMs ?? Date.now();
  const api = new MadeApi(scenario, answers, nowMs);
  const live = new MadeLive(() => api.scenario, nowMs);
  const liveUrl = `ws://${address}${livePath}`;
  api.liveUrl = isLive ? liveUrl : null;
  await api.serve(page);
  await live.serve(page, liveUrl);
  if (before !== undefined) await page.addInitScript(before);
  if (isClockHeld === true) {
    await page.clock.install({ time: startMs });
    // Held a second later: until then its time passes by itself.
    heldMs = startMs + 1_000;
    await page.clock.pauseAt(heldMs);
  }
  await page.goto(`http://${address}${path}`);
  // What the page asked for before such a fetch has come, and what was said to the page before it has been heard.
  const passMessages = () => page.evaluate(`fetch('/icon.svg').then((answer) => answer.text())`);
  let known = 0;
  const answered = async (): Promise<void> => {
    await passMessages();
    if (api.asked.length === known) return;
    known = api.asked.length;
    await api.settled();
    await passMessages();
  };
  const advance = async (ms: number): Promise<void> => {
    if (heldMs === null) throw new Error('this page has the time of day: open it with isClockHeld');
    heldMs += ms;
    await page.clock.runFor(ms);
    await answered();
  };
  return { page, api, live, answered, advance };
}
