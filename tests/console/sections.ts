import type { Page } from 'playwright-core';
import { type Tab, tabs } from '../../web/src/state/view.ts';

/** What can be alive or not by itself. A new panel is a row here, and every test of trouble knows it. */
export interface Section {
  readonly name: string;
  /** Below the API's base. */
  readonly endpoint: string;
  /** Null = of the first screen. */
  readonly tab: Tab | null;
  /** CSS: all of it. */
  readonly part: string;
  /** Within: there once there is data to see. */
  readonly data: string;
}

export const sections: readonly Section[] = [
  {
    name: 'vital signs',
    endpoint: '/summary',
    tab: null,
    part: '.overview',
    data: '[data-sign="latency"] [data-value]:text("134")',
  },
  { name: 'services', endpoint: '/summary', tab: null, part: '.overview', data: '[data-service]' },
  {
    name: 'error feed',
    endpoint: '/logs',
    tab: null,
    part: '[aria-labelledby="feed-title"]',
    data: 'li',
  },
  {
    name: 'latency chart',
    endpoint: '/trends',
    tab: 'golden',
    part: '[data-chart="Requests"]',
    data: 'svg path',
  },
  {
    name: 'slowest routes',
    endpoint: '/top-routes',
    tab: 'golden',
    part: '[aria-labelledby="slow-routes"]',
    data: 'tbody tr',
  },
  {
    name: 'error types',
    endpoint: '/top-errors',
    tab: 'golden',
    part: '[aria-labelledby="error-types"]',
    data: 'tbody tr',
  },
  { name: 'voice now', endpoint: '/voice/summary', tab: 'voice', part: '[data-tab="voice"]', data: '[data-part]' },
  {
    name: 'voice over time',
    endpoint: '/voice/quality',
    tab: 'voice',
    part: '[data-tab="voice"]',
    data: '[data-chart="Jitter"] svg path',
  },
  {
    name: 'infrastructure',
    endpoint: '/infrastructure',
    tab: 'infrastructure',
    part: '[data-tab="infrastructure"]',
    data: '[data-gauge]',
  },
  { name: 'traces', endpoint: '/traces', tab: 'traces', part: '[data-tab="traces"]', data: '[data-span]' },
  { name: 'logs', endpoint: '/logs', tab: 'logs', part: '[data-tab="logs"]', data: '[data-log]' },
  { name: 'intake', endpoint: '/intake', tab: 'intake', part: '[data-tab="intake"]', data: 'tr[data-signal]' },
];

/** Opens a tab the way a reader does. */
export async function openTab(page: Page, tab: Tab): Promise<void> {
  await page.keyboard.press(String(tabs.indexOf(tab) + 1));
  await page.locator(`[data-tab="${tab}"]`).waitFor();
}
