import type { Infrastructure } from '@command-center/contract/api/infrastructure';
import type { Colour } from '@command-center/contract/api/primitives';
import { colourOf, type ThresholdName, thresholds } from '@command-center/contract/thresholds';
import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import { infrastructureOf } from '../../web/dev/infrastructure.ts';
import { consoleTest as it } from './stage.ts';

const infrastructure = '/command-center?tab=infrastructure&range=1h';
const made = () => infrastructureOf('ok', new URLSearchParams({ range: '1h' }), Date.now());
const marks: Readonly<Record<NonNullable<Colour>, string>> = { green: '●', yellow: '▲', red: '■' };

interface Judged {
  readonly threshold: ThresholdName;
  readonly at: string;
  /** The answer with the value in its place. */
  readonly put: (value: number, colour: Colour) => Infrastructure;
}

/** What of the tab is judged by which threshold (contract.md §5). */
const judged: readonly Judged[] = [
  {
    threshold: 'DB_POOL',
    at: '[data-gauge="orders"] .value',
    put: (percent, colour) => {
      const { database, ...rest } = made();
      const pools = database.pools.slice(0, 1).map((pool) => ({ ...pool, percent, colour }));
      return { ...rest, database: { ...database, pools }, memory: { ...rest.memory, processes: [] } };
    },
  },
  {
    threshold: 'DB_QUERY_P95',
    at: '[data-reading="Query p95, last 5 min"]',
    put: (p95, colour) => {
      const { database, ...rest } = made();
      return { ...rest, database: { ...database, query: { ...database.query, p95, colour } } };
    },
  },
  {
    threshold: 'OTEL_EXPORT_FAILURE',
    at: '[data-reading="Export failures, last 5 min"]',
    put: (value, colour) => {
      const { pipeline, ...rest } = made();
      return {
        ...rest,
        pipeline: { ...pipeline, export_failures_5m: { ...pipeline.export_failures_5m, value, colour } },
      };
    },
  },
  {
    threshold: 'OTEL_DROPPED_SPANS',
    at: '[data-reading="Spans dropped, last 5 min"]',
    put: (last_5_min, colour) => {
      const { pipeline, ...rest } = made();
      return { ...rest, pipeline: { ...pipeline, dropped_spans: { ...pipeline.dropped_spans, last_5_min, colour } } };
    },
  },
  {
    threshold: 'OTEL_QUEUE',
    at: '[data-gauge="otlp_grpc/command-center metrics"] .value',
    put: (percent, colour) => {
      const { pipeline, ...rest } = made();
      const queues = pipeline.queues.slice(0, 1).map((queue) => ({ ...queue, percent, colour }));
      return { ...rest, pipeline: { ...pipeline, queues } };
    },
  },
  {
    threshold: 'PROCESS_MEMORY',
    at: '[data-gauge="gateway"] .value',
    put: (percent, colour) => {
      const { memory, ...rest } = made();
      const processes = memory.processes.slice(-1).map((process) => ({ ...process, percent, colour }));
      return { ...rest, memory: { ...memory, processes } };
    },
  },
];

function edgesOf(name: ThresholdName): readonly (readonly [number, NonNullable<Colour>])[] {
  const { warn, crit, unit } = thresholds[name];
  const step = unit === '{span}' ? 1 : 0.1;
  return [
    [warn - step, 'green'],
    [warn, 'yellow'],
    [crit, 'yellow'],
    [crit + step, 'red'],
  ];
}

const plot = (page: Page, title: string) => page.locator(`[data-chart="${title}"] [role="slider"]`);

describe('infrastructure', () => {
  it('is green, yellow and red as the thresholds say', async ({ open }) => {
    const { page, api } = await open({ path: infrastructure });
    for (const { threshold, at, put } of judged) {
      for (const [value, colour] of edgesOf(threshold)) {
        expect([threshold, value, colourOf(thresholds[threshold], value)]).toEqual([threshold, value, colour]);
        api.answers = { '/infrastructure': { body: put(value, colour) } };
        await page.keyboard.press('r');
        const tone = { green: 'healthy', yellow: 'degraded', red: 'down' }[colour];
        await page.locator(`${at} .mark.${tone}`).waitFor();
        expect(await page.locator(`${at} .mark`).textContent()).toBe(marks[colour]);
      }
    }
  });

  it('shows each service with its status, its charts, pools, queues and slow queries', async ({ open }) => {
    const { page } = await open({ path: infrastructure });
    for (const title of ['Query duration', 'Queries', 'Exports', 'Process memory'])
      expect(await plot(page, title).getAttribute('aria-valuetext')).toMatch(/\d\d:\d\d/);
    const tab = page.locator('[data-tab="infrastructure"]');
    expect(await tab.locator('[data-status]').count()).toBe(4);
    expect(await tab.locator('[data-gauge]').count()).toBe(8);
    await tab.getByText('Used for carts and sessions.').waitFor();
    await tab.locator('code', { hasText: 'otel-collector:4317' }).waitFor();
    expect(await page.getByText(/average|mean/i).count()).toBe(0);
  });

  it('a service that is down says so on its section, with the reason and since when', async ({ open }) => {
    const { page } = await open({ path: infrastructure, scenario: 'down' });
    const badge = page.locator('[data-tab="infrastructure"] [data-badge="postgresql"]');
    await badge.waitFor();
    expect(await badge.textContent()).toMatch(/■\s*down\s*for 2[23]\smin\s*no answer within 2 s/);
  });

  it('says from when slow queries are counted where there were too many', async ({ open }) => {
    const { page } = await open({ path: '/command-center?tab=infrastructure', scenario: 'degraded' });
    await page.getByText(/counted from .* on: before that there are too many/).waitFor();
  });

  it('a slow query opens slow database spans', async ({ open }) => {
    const { page } = await open({ path: infrastructure });
    await page.getByRole('link', { name: 'SELECT orders' }).click();
    await page.waitForURL(/tab=traces.*domain=db&status=slow/);
  });

  it('says that nobody writes: no status is of now', async ({ open }) => {
    const { page } = await open({ path: infrastructure, scenario: 'stale' });
    await page.getByText(/No sidecar has written for over 15 s.*The last wrote at \d\d:\d\d:\d\d/).waitFor();
    expect(await page.locator('[data-tab="infrastructure"] [data-status="unknown"]').count()).toBe(4);
    expect(await page.locator('[data-gauge="orders"]').first().textContent()).toMatch(/not known\s*silent for 5\smin/);
  });

  it('without data each part names what fills it, and nothing reads 0', async ({ open }) => {
    const { page } = await open({ path: infrastructure, scenario: 'empty' });
    const tab = page.locator('[data-tab="infrastructure"]');
    for (const metric of ['db.client.connection.count', 'otelcol_exporter_queue_size', 'process.memory.usage'])
      await tab.locator('code', { hasText: metric }).first().waitFor();
    expect(await tab.locator('[data-value]').allTextContents()).toEqual([
      'no queries',
      'no exports',
      'no exports',
      'not known',
    ]);
  });

  it('names the setting of what is not configured', async ({ open }) => {
    const { page } = await open({ path: infrastructure, scenario: 'few' });
    const tab = page.locator('[data-tab="infrastructure"]');
    for (const name of ['COLLECTOR_ENDPOINT', 'PROBE_S3_BUCKET', 'PROCESS_MEMORY_LIMIT_BYTES'])
      await tab.locator('code', { hasText: `COMMAND_CENTER_${name}` }).waitFor();
    expect(await tab.locator('[data-memory] dd').count()).toBe(3);
  });
});
