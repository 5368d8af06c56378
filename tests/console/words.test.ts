import type { Summary, VitalSign } from '@command-center/contract/api/summary';
import { describe, expect } from 'vitest';
import { summaryOf } from '../../web/dev/summary.ts';
import { trendsOf } from '../../web/dev/trends.ts';
import type { Tab } from '../../web/src/state/view.ts';
import type { How } from './api.ts';
import { consoleTest as it } from './stage.ts';

type Kind = 'nothing is known' | 'nothing happened' | 'it is broken';

interface Case {
  readonly part: string;
  readonly tab: Tab;
  readonly endpoint: string;
  /** What is answered, and what the part then says. */
  readonly kinds: Readonly<Partial<Record<Kind, readonly [How | ((query: URLSearchParams) => How), RegExp]>>>;
}

const broken = ['unreachable', /Command Center does not answer\.\s+Retrying in/] as const;
/** Above the charts it is said when they are asked for again. */
const brokenChart = ['unreachable', /No newer answer\. Command Center does not answer\./] as const;
const noItems = { items: [], next_cursor: null };
const period = () => ({ from: new Date(Date.now() - 3_600_000).toISOString(), to: new Date().toISOString() });
const noRows = () => ({ body: { ...period(), items: [], overflow_count: 0 } });

function withSigns(change: Partial<VitalSign>): How {
  const made: Summary = summaryOf('ok', Date.now());
  const sign = { ...made.vital_signs.errors, quality: null, numerator: null, colour: null, ...change };
  return { body: { ...made, vital_signs: { ...made.vital_signs, errors: sign } } };
}

/** Every reading of a made series at 0. */
function trendsAtZero(query: URLSearchParams): How {
  const made = trendsOf('ok', query, Date.now());
  const zero = { count: 0, sum: 0, rate: 0, value: 0, p50: null, p95: null, p99: null };
  const series = made.series.map((one) => ({ ...one, points: one.points.map(({ ts }) => ({ ts, ...zero })) }));
  return { body: { ...made, series } };
}

const trendsWithout = (query: URLSearchParams): How => ({ body: trendsOf('empty', query, Date.now()) });

const cases: readonly Case[] = [
  {
    part: '.overview',
    tab: 'intake',
    endpoint: '/summary',
    kinds: {
      'nothing is known': [
        withSigns({ value: null, unknown: true, age_s: 200, n: null }),
        /\?\s*unknown\s*–[\s\S]*silent for 3\smin/,
      ],
      'nothing happened': [withSigns({ value: null, unknown: false, n: 0 }), /Errors\s*5xx over 5 min\s*no requests/],
      'it is broken': [broken[0], /Command Center does not answer\.[\s\S]*Errors\s*not known/],
    },
  },
  {
    part: '[aria-labelledby="feed-title"]',
    tab: 'intake',
    endpoint: '/logs',
    kinds: {
      'nothing happened': [
        { body: noItems },
        /No errors in 24 h\. Log records of severity ERROR and above appear here\./,
      ],
      'it is broken': broken,
    },
  },
  {
    part: '[data-chart="HTTP requests"]',
    tab: 'golden',
    endpoint: '/trends',
    kinds: {
      'nothing is known': [trendsWithout, /Nothing in this range\. kaiku_http_requests_total fills this chart\./],
      'nothing happened': [trendsAtZero, /now\s*0\s\/s/],
      'it is broken': brokenChart,
    },
  },
  {
    part: '[data-chart="Requests"]',
    tab: 'golden',
    endpoint: '/trends',
    kinds: {
      'nothing is known': [trendsWithout, /No request durations in this range\. http\.server\.request\.duration/],
      'it is broken': brokenChart,
    },
  },
  {
    part: '[aria-labelledby="slow-routes"]',
    tab: 'golden',
    endpoint: '/top-routes',
    kinds: { 'nothing happened': [noRows, /No requests in this range\./], 'it is broken': broken },
  },
  {
    part: '[aria-labelledby="failing-routes"]',
    tab: 'golden',
    endpoint: '/top-routes',
    kinds: { 'nothing happened': [noRows, /No request failed in this range\./], 'it is broken': broken },
  },
  {
    part: '[aria-labelledby="error-types"]',
    tab: 'golden',
    endpoint: '/top-errors',
    kinds: { 'nothing happened': [noRows, /No errors in this range\./], 'it is broken': broken },
  },
  {
    part: '[data-tab="logs"]',
    tab: 'logs',
    endpoint: '/logs',
    kinds: {
      'nothing happened': [
        { body: noItems },
        /No logs in this range\. Log records of severity WARN and above fill this table/,
      ],
      'it is broken': broken,
    },
  },
  {
    part: '[data-tab="traces"]',
    tab: 'traces',
    endpoint: '/traces',
    kinds: {
      'nothing happened': [{ body: noItems }, /No spans in this range\. Kept are root, SERVER and CONSUMER spans/],
      'it is broken': broken,
    },
  },
  {
    part: '[data-tab="intake"]',
    tab: 'intake',
    endpoint: '/intake',
    kinds: {
      'nothing happened': [
        () => ({
          body: { ...period(), by_service: [], reasons: [], unknown_metrics: [], sources: [], truncated: false },
        }),
        /Nothing arrived in this range: no metrics, no logs, no traces\./,
      ],
      'it is broken': broken,
    },
  },
];

/** design §7: no data, zero and broken look different. */
describe.concurrent('no data, zero and broken', () => {
  it.for(cases)('$endpoint in $part', async ({ part, tab, endpoint, kinds }, { open }) => {
    const texts: string[] = [];
    for (const [how, words] of Object.values(kinds)) {
      const { page } = await open({ path: `/command-center?range=1h&tab=${tab}`, answers: { [endpoint]: how } });
      const shown = page.locator(part).filter({ hasText: words });
      await shown.waitFor();
      texts.push((await shown.textContent()) ?? '');
      await page.close();
    }
    expect(new Set(texts).size).toBe(texts.length);
  });
});
