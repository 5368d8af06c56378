import { describe, expect, it } from 'vitest';
import { minutesOf, minutesOfAll } from './metricRows.ts';
import { useMetricStage } from './metricStage.ts';
import { gauge, number, upDown } from './metrics.ts';

/** An operator's contract: a gauge for each way of merging, with a label that is kept and all others dropped. */
const merges = ['sum', 'max', 'min', 'last'] as const;
const entries = merges.map(
  (merge) => `  - { name: shop_${merge}, kind: gauge, unit: '1', merge: ${merge}, signal: traffic, labels: [quality] }`,
);
const stage = useMetricStage({}, `metrics:\n${entries.join('\n')}\n`);

const pod = (name: string) => ({ attributes: { pod: name } });

describe.each(merges)('streams of a gauge merge as the contract says: %s', (merge) => {
  const name = `shop_${merge}`;

  it('after label dropping, by pods and over a restart', async () => {
    await stage.send('shop', [gauge([number(undefined, 10, 5, pod('a')), number(undefined, 20, 2, pod('b'))], name)]);
    await stage.restart();
    await stage.send('shop', [gauge([number(undefined, 30, 3, pod('a')), number(undefined, 25, 4, pod('c'))], name)]);
    const expected = merge === 'sum' ? { last: 3 + 2 + 4, min: null, max: null } : { last: 3, min: 2, max: 5 };
    expect(await minutesOf(stage.sql, 'shop', name)).toMatchObject([expected]);
  });

  it('kept apart by the label that stays', async () => {
    const points = ['poor', 'good'].map((quality, index) =>
      number(undefined, 10, index + 1, { attributes: { quality } }),
    );
    await stage.send('apart', [gauge(points, name)]);
    const rows = await minutesOf(stage.sql, 'apart', name);
    expect(rows.map(({ labels: { quality }, last }) => [quality, last])).toEqual([
      ['good', 2],
      ['poor', 1],
    ]);
  });

  it('delta non-monotonic sums accumulate before they merge', async () => {
    const points = [number(0, 10, 5, pod('a')), number(10, 20, -3, pod('a')), number(0, 15, 4, pod('b'))];
    await stage.send('running', [upDown(points, name, { temporality: 'delta' })]);
    const expected = merge === 'sum' ? { last: 6 } : { last: 2, min: 2, max: 5 };
    expect(await minutesOf(stage.sql, 'running', name)).toMatchObject([expected]);
  });
});

it('a metric that no contract names is no row', async () => {
  await stage.send('unknown', [gauge([number(undefined, 10, 1)], 'shop_other')]);
  expect(await minutesOfAll(stage.sql, 'shop_other')).toEqual([]);
});
