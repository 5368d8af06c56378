import { setTimeout as delay } from 'node:timers/promises';
import type { Page, Route } from 'playwright-core';
import { answer, base, config } from '../../web/dev/answers.ts';
import type { Scenario } from '../../web/dev/scenario.ts';

const UNTIL_MS = 20_000;

/** How one endpoint answers in place of what the scenario says. */
export type How =
  /** JSON; status 200 where none is given. */
  | { readonly body: unknown; readonly status?: number }
  /** Whatever it is, as `type`, `text/html` where none is given. */
  | { readonly text: string; readonly type?: string; readonly status?: number }
  /** What the scenario says, once this has come. */
  | { readonly after: Promise<unknown> }
  | 'never'
  /** As where no server listens. */
  | 'unreachable';

/** By path below the API's base, such as `/summary`; a function is called for each request. */
export type Answers = Readonly<Record<string, How | ((query: URLSearchParams) => How)>>;

/** The API of one page: answers of web/dev, by scenario, and what the test puts in place of them. */
export class MadeApi {
  scenario: Scenario;
  answers: Answers;
  /** Of `/config`. */
  liveUrl: string | null = null;
  /** Paths with their queries, in the order in which they were asked for. */
  readonly asked: string[] = [];
  readonly #nowMs: () => number;
  #open = 0;

  constructor(scenario: Scenario, answers: Answers, nowMs: () => number) {
    this.scenario = scenario;
    this.answers = answers;
    this.#nowMs = nowMs;
  }

  /** How often a path was asked for, with whatever query. */
  count(path: string): number {
    return this.asked.filter((one) => pathOf(one) === path).length;
  }

  /** The query of the newest request for a path that has these parameters. */
  query(path: string, having: Readonly<Record<string, string>> = {}): Record<string, string> {
    const queries = this.asked.filter((one) => pathOf(one) === path).map((one) => queryOf(one));
    return queries.findLast((query) => Object.entries(having).every(([key, value]) => query[key] === value)) ?? {};
  }

  /** Until that holds. */
  async until(holds: (api: this) => boolean): Promise<void> {
    const deadline = performance.now() + UNTIL_MS;
    while (!holds(this)) {
      if (performance.now() > deadline) throw new Error(`it does not hold after ${this.asked.join('\n')}`);
      await delay(5);
    }
  }

  async serve(page: Page): Promise<void> {
    await page.route(
      (url) => url.pathname.startsWith(base),
      (route) => this.#answer(route),
    );
  }

  /** Until every request that has come is answered; one that never is does not count. */
  async settled(): Promise<void> {
    while (this.#open > 0) await delay(1);
  }

  async #answer(route: Route): Promise<void> {
    const url = new URL(route.request().url());
    const path = url.pathname.slice(base.length);
    this.asked.push(path + url.search);
    const other = this.answers[path];
    const how = typeof other === 'function' ? other(url.searchParams) : other;
    if (how === 'never' || (how === undefined && this.scenario === 'loading')) return;
    if (how === 'unreachable') return route.abort('connectionrefused');
    if (how !== undefined && 'after' in how) await how.after;
    this.#open += 1;
    try {
      await route.fulfill(this.#filled(how, path, url.searchParams));
    } catch (error) {
      // The page is closed, or has given the request up.
      if (!route.request().frame().page().isClosed() && route.request().failure() === null) throw error;
    } finally {
      this.#open -= 1;
    }
  }

  #filled(how: Exclude<How, string> | undefined, path: string, query: URLSearchParams) {
    if (how !== undefined && 'text' in how)
      return { status: how.status ?? 200, contentType: how.type ?? 'text/html', body: how.text };
    const own = how !== undefined && 'body' in how ? how : this.#own(path, query);
    const status = own.status ?? 200;
    const contentType = status < 400 ? 'application/json' : 'application/problem+json';
    return { status, contentType, body: JSON.stringify(own.body) };
  }

  #own(path: string, query: URLSearchParams): { readonly status?: number; readonly body: unknown } {
    const made = answer(path, query, this.scenario, this.#nowMs());
    return path === '/config' && made.status === 200 ? { body: { ...config, live_url: this.liveUrl } } : made;
  }
}

const pathOf = (asked: string): string => asked.split('?')[0] ?? '';
const queryOf = (asked: string) => Object.fromEntries(new URLSearchParams(asked.split('?')[1] ?? ''));

/** A promise that a test keeps when it wants to. */
export function gate(): { readonly passed: Promise<void>; open(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { passed: promise, open: resolve };
}
