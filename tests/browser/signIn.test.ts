import { fileURLToPath } from 'node:url';
import { type RunningApi, startApi } from '@command-center/api/entry/node';
import { readSettings } from '@command-center/contract/settings/settings';
import { freshDatabase } from '@command-center/drizzle/testing/database';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startProvider, type TestProvider } from '../oidc/provider.ts';
import { freePorts } from '../processes/collector.ts';
import { findChromium, launch } from './chromium.ts';

const executable = findChromium();
const webRoot = fileURLToPath(new URL('../../web/dist', import.meta.url));

/** The provider is on 127.0.0.1 and the console on localhost: two sites, as they are in life, between which no Strict cookie goes. */
describe('signing in with a browser', { timeout: 60_000 }, () => {
  let provider: TestProvider;
  let api: RunningApi;
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  let browser: Browser;
  let page: Page;
  let ours: string;

  beforeAll(async () => {
    if (executable === undefined) return;
    const [port = 0] = await freePorts(1);
    ours = `http://localhost:${port}`;
    provider = await startProvider({ redirectUris: [`${ours}/auth/callback`] });
    database = await freshDatabase();
    const settings = readSettings({
      ...provider.environment,
      COMMAND_CENTER_SESSION_SECRET: 'a-secret-for-tests-of-at-least-32-characters',
    });
    api = await startApi({ settings, databaseUrl: database.url, host: '127.0.0.1', port, webRoot });
    browser = await launch(executable);
  });
  afterAll(async () => {
    await browser?.close();
    await api?.stop();
    await database?.drop();
    await provider?.close();
  });
  beforeEach(async ({ skip }) => {
    skip(executable === undefined, 'no chromium, chromium-browser or google-chrome in PATH');
    page = await browser.newPage();
    return () => page.close();
  });

  /** Through the provider's two pages, from the link of whoever is signed out. */
  async function signIn(login: string): Promise<void> {
    await page.getByRole('link', { name: /^Sign in/ }).click();
    await page.getByPlaceholder('Enter any login').fill(login);
    await page.getByPlaceholder('and password').fill('any');
    await page.getByRole('button', { name: 'Sign-in' }).click();
    await page.getByRole('button', { name: 'Continue' }).click();
  }

  it('leads back to the view that asked for it, signed in, and leaves no code in the address', async () => {
    await page.goto(`${ours}/command-center?tab=logs`);
    await page.getByRole('heading', { name: 'You are signed out' }).waitFor();
    await signIn('alice');
    await page.waitForURL('**/command-center?tab=logs');
    await page.getByRole('navigation', { name: 'Sections' }).waitFor();
    expect(await page.getByRole('heading', { name: 'You are signed out' }).count()).toBe(0);
    const cookies = await page.context().cookies(ours);
    expect(cookies.map(({ name, sameSite }) => [name, sameSite])).toEqual([['command_center_session', 'Strict']]);
  });

  it('an answer of the API that was asked for as a page comes too: its navigation begins on our own site', async () => {
    await page.goto(`${ours}/docs`);
    const link = `<a href="/auth/start?return_to=/api/admin/observability/config">Sign in</a>`;
    await page.evaluate(`document.body.innerHTML = ${JSON.stringify(link)}`);
    const answered = page.waitForResponse((response) => new URL(response.url()).pathname.endsWith('/config'));
    await signIn('alice');
    expect((await answered).status()).toBe(200);
  });

  it('without the role ends on a page that offers to sign in as somebody else', async () => {
    await page.goto(`${ours}/login`);
    await signIn('bob');
    await page.getByRole('heading', { name: 'Not a system admin' }).waitFor();
    await page.getByRole('link', { name: 'Sign in as somebody else' }).click();
    await page.getByPlaceholder('Enter any login').waitFor();
  });

  it('going back to the callback does not sign in again', async () => {
    await page.goto(`${ours}/login`);
    await signIn('alice');
    await page.waitForURL('**/command-center');
    await page.goBack();
    expect(new URL(page.url()).pathname).not.toBe('/auth/callback');
  });
});
