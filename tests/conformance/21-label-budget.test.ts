import { otherValue, overflowLabels } from '@command-center/contract/labels';
import { reasons } from '@command-center/contract/reasons';
import type { MetricTree } from '@command-center/sidecar/decode/testing/trees';
import { describe, expect, it } from 'vitest';
import { type Minute, minutesOf, minutesOfAll, reasonsOf } from './metricRows.ts';
import { useMetricStage } from './metricStage.ts';
import {
  additiveName,
  counter,
  counterName,
  explicit,
  gauge,
  histogram,
  histogramName,
  maxName,
  number,
} from './metrics.ts';

const stage = useMetricStage();
const BUDGET = 100;

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, index) => from + index);
const isOverflow = ({ labels }: Minute): boolean => labels['otel.metric.overflow'] === true;
const sumOf = (rows: readonly Minute[]): number => rows.reduce((sum, row) => sum + (row.sum ?? 0), 0);
const delta = { temporality: 'delta' } as const;
const overflowing = { 'otel.metric.overflow': true } as const;

/** One point a label set, each adding its id + 1. */
function labelSets(name: string, label: string, ids: readonly number[], minute = 0): MetricTree {
  const start = minute * 60;
  const points = ids.map((id) =>
    number(start, start + 10, id + 1, { attributes: { [label]: `value-${'abcdefghijklmnop'[id % 16]}${id}` } }),
  );
  return { ...counter(points, delta), name };
}

const triangular = (n: number): number => (n * (n + 1)) / 2;

describe('the budget of a metric (contract.md §1)', () => {
  it('is 100 label sets, first come; the 101st goes into the overflow series, and totals stay right', async () => {
    const answer = await stage.send('budget', [labelSets(counterName, 'ws.event_type', range(0, 130))]);
    expect(answer).toMatchObject({ httpStatus: 200, rejected: 0, message: '' });
    const rows = await minutesOfAll(stage.sql, counterName);
    expect(rows).toHaveLength(BUDGET + 1);
    expect(sumOf(rows)).toBe(triangular(130));
    const [overflow, ...none] = rows.filter(isOverflow);
    expect([overflow?.labels, none]).toEqual([overflowLabels, []]);
    expect(overflow?.sum).toBe(triangular(130) - triangular(BUDGET));
  });

  it('counts what overflows, and warns once', async () => {
    expect(await reasonsOf(stage.sql, 'budget')).toEqual({ label_budget: 30 });
    await stage.send('budget', [labelSets(counterName, 'ws.event_type', range(90, 130), 1)]);
    expect(await reasonsOf(stage.sql, 'budget')).toEqual({ label_budget: 60 });
    const warnings = stage.logged.filter(({ event }) => event.startsWith('label budget reached'));
    expect(warnings.map(({ fields: { metric } }) => metric)).toEqual([counterName]);
  });

  it('keeps those in their series that came first, over a restart too', async () => {
    await stage.restart();
    await stage.send('budget', [labelSets(counterName, 'ws.event_type', range(95, 105).toReversed(), 2)]);
    const rows = (await minutesOfAll(stage.sql, counterName)).filter(({ minute }) => minute === 2);
    expect(rows).toHaveLength(6);
    expect(rows.filter(isOverflow).map(({ sum }) => sum)).toEqual([101 + 102 + 103 + 104 + 105]);
  });

  it('is one over all sidecars', async () => {
    const name = 'kaiku_ws_reconnects_total';
    const other = await stage.startAnother();
    await Promise.all([
      stage.send('sidecars', [labelSets(name, 'outcome', [0])]),
      stage.send('sidecars', [labelSets(name, 'error.type', [0])], { http: other }),
    ]);
    // error.type keeps 20 values a metric, so that services are what runs away here.
    await Promise.all(
      range(0, 60).flatMap((id) => [
        stage.send(`svc-${id}`, [labelSets(name, 'pod', [0])]),
        stage.send(`svc-${id + 60}`, [labelSets(name, 'pod', [0])], { http: other }),
      ]),
    );
    const rows = await minutesOfAll(stage.sql, name);
    expect(rows).toHaveLength(BUDGET + 1);
    expect(sumOf(rows)).toBe(122);
    expect(sumOf(rows.filter(isOverflow))).toBe(22);
  });

  it("is each metric's own", async () => {
    await stage.send(
      'budget',
      [number(undefined, 10, 3)].map((point) => gauge([point])),
    );
    expect(await minutesOf(stage.sql, 'budget', additiveName)).toMatchObject([{ last: 3 }]);
  });

  it('gives a slot back that was idle for 24 hours', async () => {
    const slots = (service: string) => stage.sql`
      UPDATE telemetry_metric_series SET last_seen = now() - interval '25 hours'
      WHERE metric_name = ${counterName} AND labels->>'ws.event_type' = 'value-a0' AND labels->>'service.name' = ${service}`;
    expect((await slots('budget')).count).toBe(1);
    // What a sidecar asked for within the hour it does not ask again; a new one does.
    await stage.restart();
    await stage.send('budget', [labelSets(counterName, 'ws.event_type', [120], 5)]);
    await stage.send('budget', [labelSets(counterName, 'ws.event_type', [121, 0], 5)]);
    const rows = (await minutesOfAll(stage.sql, counterName)).filter(({ minute }) => minute === 5);
    expect(rows.filter((row) => !isOverflow(row)).map(({ sum }) => sum)).toEqual([121]);
    expect(sumOf(rows.filter(isOverflow))).toBe(122 + 1);
  });
});

describe('what overflows merges by its kind', () => {
  it('additive gauges add up, over minutes in which they are silent', async () => {
    const rooms = (id: number, time: number, value: number) =>
      stage.send(`gauge-${id}`, [gauge([number(undefined, time, value)], 'kaiku_voice_rooms_active')]);
    await Promise.all(range(0, BUDGET).map((id) => rooms(id, 10, 2)));
    for (const id of range(BUDGET, BUDGET + 3)) await rooms(id, 10, 2);
    await rooms(BUDGET, 20, 5);
    for (const id of range(BUDGET, BUDGET + 3)) await rooms(id, 130, 1);
    const rows = (await minutesOfAll(stage.sql, 'kaiku_voice_rooms_active')).filter(isOverflow);
    expect(rows.map(({ minute, last }) => [minute, last])).toEqual([
      [0, 5 + 2 + 2],
      [1, 9],
      [2, 3],
    ]);
  });

  it('of gauges kept by max the greatest, histograms bucket by bucket', async () => {
    const both = (id: number) =>
      stage.send(`kinds-${id}`, [
        gauge([number(undefined, 10, id / 1_000)], maxName),
        histogram([explicit(0, 10, [1, 2], [1, 2, 0], { sum: 4 })]),
      ]);
    await Promise.all(range(0, BUDGET).map(both));
    await Promise.all(range(BUDGET, BUDGET + 2).map(both));
    const [greatest] = (await minutesOfAll(stage.sql, maxName)).filter(isOverflow);
    expect(greatest).toMatchObject({ min: 0.1, max: 0.101 });
    const [buckets] = (await minutesOfAll(stage.sql, histogramName)).filter(isOverflow);
    expect(buckets).toMatchObject({ count: 6, sum: 8 });
    expect(buckets?.spans?.spans.map(({ count }) => count)).toEqual([2, 4]);
  });
});

describe("an incoming otel.metric.overflow (an SDK's own cardinality limit)", () => {
  const name = 'kaiku_auth_login_attempts_total';
  const point = (value: number, attributes: Record<string, string | boolean>) => number(0, 10, value, { attributes });
  const rows = () => minutesOfAll(stage.sql, name);

  it('joins our overflow series, and loses its service and every other label', async () => {
    await stage.send('sdk-a', [{ ...counter([point(3, overflowing)]), name }]);
    await stage.send('sdk-b', [{ ...counter([point(4, { ...overflowing, outcome: 'success' })]), name }]);
    expect((await rows()).map(({ labels, sum }) => [labels, sum])).toEqual([[overflowLabels, 7]]);
  });

  it('takes no slot of the budget', async () => {
    await Promise.all(range(0, BUDGET).map((id) => stage.send(`login-${id}`, [{ ...counter([point(1, {})]), name }])));
    const all = await rows();
    expect(all.filter((row) => !isOverflow(row))).toHaveLength(BUDGET);
    expect(sumOf(all.filter(isOverflow))).toBe(7);
  });

  it('and what exceeds our budget joins the same series', async () => {
    await stage.send('login-late', [{ ...counter([point(5, {})]), name }]);
    expect(sumOf((await rows()).filter(isOverflow))).toBe(12);
  });

  it('is the boolean true and nothing else', async () => {
    const metric = 'kaiku_auth_token_refresh_total';
    await stage.send('not-true', [
      {
        ...counter([point(1, { 'otel.metric.overflow': 'true' }), point(2, { 'otel.metric.overflow': false })]),
        name: metric,
      },
    ]);
    const all = await minutesOfAll(stage.sql, metric);
    expect(all.map(({ labels, sum }) => [labels['service.name'], sum])).toEqual([['not-true', 3]]);
  });

  it('stays one stream a sender: cumulative ones add by difference', async () => {
    await stage.send('sdk-a', [{ ...counter([number(0, 20, 9, { attributes: overflowing })]), name }]);
    expect(sumOf((await rows()).filter(isOverflow))).toBe(12 + 6);
  });
});

describe('streams of one metric and sender (design: 2,000)', () => {
  const streams = (from: number, to: number) =>
    counter(range(from, to).map((id) => number(0, 10, 1, { attributes: { request: BigInt(id) } })));

  it('beyond are rejected by partial success that names metric and sender; known ones and others go on', async () => {
    expect(await stage.send('runaway', [streams(0, 1_500)])).toMatchObject({ rejected: 0 });
    const answer = await stage.send('runaway', [streams(1_490, 2_010)]);
    expect(answer.rejected).toBe(10);
    expect(answer.message).toContain(reasons.stream_limit.text);
    expect(answer.message).toContain(counterName);
    expect(answer.message).toContain('runaway');
    // Past 200 services intake counts them together.
    expect(await reasonsOf(stage.sql, otherValue)).toMatchObject({ stream_limit: 10, duplicate: 10 });
    expect(await stage.send('runaway', [{ ...streams(0, 1), name: 'kaiku_ws_reconnects_total' }])).toMatchObject({
      rejected: 0,
    });
    expect(await stage.send('runaway', [streams(3_000, 3_001)], { scope: 'other' })).toMatchObject({ rejected: 0 });
    expect(await stage.send('steady', [streams(0, 1)])).toMatchObject({ rejected: 0 });
  });

  it('is the same after a restart: what is known is state', async () => {
    await stage.restart();
    expect(await stage.send('runaway', [streams(1_999, 2_001)])).toMatchObject({ rejected: 1 });
  });
});
