import process from 'node:process';
import { beforeEach, describe, expect, it } from 'vitest';
import { findChromium } from '../browser/chromium.ts';
import { noRedis } from '../processes/redis.ts';
import { type ConsoleStage, openConsoleStage } from './consoleStage.ts';
import { gauge, histogram, level, sendMetrics } from './otlp.ts';
import { sendErrors } from './stage.ts';

/** What the product promises: in ten seconds, without a click, whether something is wrong, what, and since when; and in two clicks where to look. */

const executable = findChromium();
const CHECKOUT = { 'http.request.method': 'GET', 'http.route': '/cart/{id}' };
const SECONDS = { bounds: [0.1, 0.2, 0.5, 1, 2, 5], unit: 's' };
/** Of additive gauges whole minutes count: the newest that has ended for sure. */
const wholeMinuteMs = (): number => Date.now() - 80_000;

interface Fault {
  readonly name: string;
  readonly cause: (stage: ConsoleStage) => Promise<void>;
  readonly status: 'unknown' | 'degraded' | 'down';
  /** The first cause, in words. */
  readonly words: RegExp;
  /** The tab that the verdict's link opens, and what stands there. */
  readonly tab: string;
  readonly evidence: RegExp;
  /** A second click there, and where it leads. */
  readonly next?: { readonly link: string; readonly tab: string };
}

const durations = (bound: number, events: number, labels: Readonly<Record<string, string | number>> = {}) =>
  histogram('http.server.request.duration', 's', { ...SECONDS, bound, events }, { labels: { ...CHECKOUT, ...labels } });

/** A platform that is well. */
async function wellAt({ sidecar }: ConsoleStage, atMs: number): Promise<void> {
  const { http } = sidecar();
  await sendMetrics(http, 'checkout', [
    histogram(
      'http.server.request.duration',
      's',
      { ...SECONDS, bound: 0.1, events: 100 },
      { labels: { ...CHECKOUT, 'http.route': '/items' }, atMs },
    ),
    level('kaiku_ws_connections_active', 120, { atMs }),
    level('kaiku_voice_rooms_active', 8, { atMs }),
  ]);
}

const faults: readonly Fault[] = [
  {
    name: 'latency',
    cause: ({ sidecar }) => sendMetrics(sidecar().http, 'checkout', [durations(2, 400)]),
    status: 'degraded',
    words: /^Latency is [\d.]+ ms \(red above 1000 ms\), p95 over 5 min, slowest: checkout \/cart\/\{id\}$/,
    tab: 'Golden Signals',
    evidence: /Slowest routes/,
    next: { link: '/cart/{id}', tab: 'Traces' },
  },
  {
    name: 'errors on one route',
    cause: ({ sidecar }) =>
      sendMetrics(sidecar().http, 'checkout', [
        durations(0.1, 60, { 'http.response.status_code': 503, 'error.type': '503' }),
      ]),
    status: 'degraded',
    words: /^Errors is [\d.]+ % \(red above 5 %\), 5xx over 5 min, most: checkout \/cart\/\{id\}$/,
    tab: 'Golden Signals',
    evidence: /Failing routes/,
    next: { link: '/cart/{id}', tab: 'Traces' },
  },
  {
    name: 'pool full',
    cause: ({ sidecar }) => {
      const atMs = wholeMinuteMs();
      const state = (value: string) => ({ labels: { 'db.client.connection.state': value }, atMs });
      return sendMetrics(sidecar().http, 'checkout', [
        level('db.client.connection.count', 40, state('used')),
        level('db.client.connection.count', 0, state('idle')),
        level('db.client.connection.max', 40, { atMs }),
      ]);
    },
    status: 'degraded',
    words: /^(PostgreSQL: no idle connections in the pool|Saturation is 100 % \(red above 90 %\), DB pool, checkout)$/,
    tab: 'Infrastructure',
    evidence: /checkout/,
  },
  {
    name: 'voice loss',
    cause: ({ sidecar }) =>
      sendMetrics(sidecar().http, 'voice', [
        histogram('kaiku_voice_packet_loss_ratio', '1', {
          bounds: [0.01, 0.02, 0.05, 0.1, 0.2],
          bound: 0.1,
          events: 40,
        }),
      ]),
    status: 'degraded',
    words: /^Voice packet loss p95: [\d.]+ % \(red above 5 %\), all rooms$/,
    tab: 'Voice',
    evidence: /Packet loss/i,
  },
  {
    name: 'Valkey down',
    cause: ({ redis }) => redis.stop(),
    status: 'down',
    words: /^Valkey: /,
    tab: 'Infrastructure',
    evidence: /Valkey/,
  },
  {
    name: 'collector queue full',
    cause: ({ sidecar }) => {
      const queue = { labels: { exporter: 'otlp/tempo', data_type: 'traces' }, atMs: wholeMinuteMs() };
      return sendMetrics(sidecar().http, 'otelcol', [
        gauge('otelcol_exporter_queue_size', 990, queue),
        gauge('otelcol_exporter_queue_capacity', 1_000, queue),
      ]);
    },
    status: 'degraded',
    words:
      /^(OTel Pipeline: Collector queue, |Saturation is 99 % \(red above 90 %\), )collector queue, otelcol otlp\/tempo traces/,
    tab: 'Infrastructure',
    evidence: /otlp\/tempo/,
  },
  {
    name: 'an ERROR burst in one service',
    cause: ({ sidecar }) =>
      sendErrors(
        sidecar().http,
        Array.from({ length: 480 }, (_, index) => `payment ${index} was declined`),
      ),
    status: 'degraded',
    words: /^ERROR records, last 5 min: 480 \(red above 100\), checkout$/,
    tab: 'Logs',
    evidence: /payment\.failed/,
  },
];

const verdictOf = ({ page }: ConsoleStage) => page.getByRole('region', { name: 'Verdict' });

async function expectVerdict(stage: ConsoleStage, fault: Omit<Fault, 'name' | 'cause'>, causedAtMs: number) {
  const verdict = verdictOf(stage);
  await verdict.and(stage.page.locator(`[data-status="${fault.status}"]`)).waitFor({ timeout: 20_000 });
  const shownMs = Date.now() - causedAtMs;
  expect(await verdict.locator('.reason').textContent()).toMatch(fault.words);
  const since = Date.parse((await verdict.locator('[title]').first().getAttribute('title')) ?? '');
  expect(since).toBeGreaterThanOrEqual(causedAtMs - 1_000);
  expect(since).toBeLessThanOrEqual(Date.now() + 1_000);
  // On the first screen: nothing was scrolled.
  expect((await verdict.boundingBox())?.y).toBeLessThan(100);
  const { page } = stage;
  await verdict.getByRole('link', { name: `open ${fault.tab}` }).click();
  const tab = page.locator(`section[aria-label="${fault.tab}"]`);
  await tab.getByText(fault.evidence).first().waitFor();
  if (fault.next !== undefined) {
    await tab.getByRole('link', { name: fault.next.link, exact: true }).first().click();
    await page.locator(`section[aria-label="${fault.next.tab}"]`).getByText(fault.next.link).first().waitFor();
  }
  return shownMs;
}

describe('the ten-second test: the first screen tells what is wrong, the next step is two clicks away', {
  timeout: 90_000,
}, () => {
  beforeEach(({ skip }) => {
    skip(executable === undefined, 'no chromium, chromium-browser or google-chrome in PATH');
    skip(noRedis !== undefined, noRedis);
  });

  it.each(faults)('$name', async ({ cause, ...fault }) => {
    const stage = await openConsoleStage(executable ?? '');
    try {
      await wellAt(stage, Date.now());
      await verdictOf(stage).and(stage.page.locator('[data-status="ok"]')).waitFor({ timeout: 30_000 });
      const causedAtMs = Date.now();
      await cause(stage);
      const shownMs = await expectVerdict(stage, fault, causedAtMs);
      process.stdout.write(`${fault.name}: on the page ${(shownMs / 1_000).toFixed(1)} s after its cause\n`);
      expect(stage.complaints).toEqual([]);
    } finally {
      await stage.close();
    }
  });

  it('no telemetry at all', async () => {
    // Nothing but telemetry tells how the API is.
    const stage = await openConsoleStage(executable ?? '', { COMMAND_CENTER_PROBE_HTTP_URL: '' });
    try {
      const causedAtMs = Date.now();
      // It was well five minutes ago, and silent since.
      await wellAt(stage, causedAtMs - 300_000);
      const words = /was last reported at|the last telemetry|nothing heard/;
      await expectVerdict(
        stage,
        { status: 'unknown', words, tab: 'Intake', evidence: /checkout/ },
        causedAtMs - 60_000,
      );
    } finally {
      await stage.close();
    }
  });
});
