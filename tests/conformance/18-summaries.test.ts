import type { MetricTree } from '@command-center/sidecar/decode/testing/trees';
import { describe, expect, it } from 'vitest';
import { minutesOf, reasonsOf } from './metricRows.ts';
import { useMetricStage } from './metricStage.ts';
import { at, histogramName, type Start } from './metrics.ts';
import { metricOf, summaryPoint } from './requests.ts';
import { sendJson } from './send.ts';

const stage = useMetricStage();

type Row = readonly [start: Start, time: number, count: number, sum: number];

const summary = (rows: readonly Row[], name = histogramName): MetricTree =>
  metricOf(
    name,
    rows.map(([start, time, count, sum]) =>
      summaryPoint({ startTimeUnixNano: start === undefined ? 0n : at(start), timeUnixNano: at(time), count, sum }),
    ),
    { kind: 'summary' },
  );

describe('count and sum of a summary are cumulative counters (metrics.proto, SummaryDataPoint)', () => {
  it('add by difference, over a restart too', async () => {
    await stage.send('increase', [summary([[0, 10, 3, 1.5]])]);
    await stage.restart();
    await stage.send('increase', [summary([[0, 70, 8, 4]])]);
    expect(await minutesOf(stage.sql, 'increase', histogramName)).toMatchObject([
      { minute: 0, count: 3, sum: 1.5 },
      { minute: 1, count: 5, sum: 2.5 },
    ]);
  });

  it('count from zero where the count falls', async () => {
    const rows: Row[] = [
      [0, 10, 8, 4],
      [0, 70, 3, 2],
    ];
    await stage.send('reset', [summary(rows)]);
    expect(await minutesOf(stage.sql, 'reset', histogramName)).toMatchObject([{ count: 8 }, { count: 3, sum: 2 }]);
    expect(await reasonsOf(stage.sql, 'reset')).toMatchObject({ reset: 1 });
  });

  it('follow the rules of starts: baseline, later start, duplicate, late point', async () => {
    const points = summary([
      [-3_600, 10, 100, 50],
      [-3_600, 20, 104, 52],
      [21, 30, 2, 1],
      [21, 30, 2, 1],
      [-3_600, 15, 102, 51],
    ]);
    const effects = await stage.effects('starts', [points]);
    expect(effects.map(({ added }) => added)).toEqual([0, 4, 2, 0, 0]);
    const { baseline, duplicate, overtaken } = await reasonsOf(stage.sql, 'starts');
    expect([baseline, duplicate, overtaken]).toEqual([1, 1, 1]);
  });

  it('are spread as other increases are', async () => {
    await stage.send('spread', [summary([[0, 120, 8, 4]])]);
    expect(await minutesOf(stage.sql, 'spread', histogramName)).toMatchObject([
      { minute: 0, count: 4, sum: 2 },
      { minute: 1, count: 4, sum: 2 },
    ]);
  });
});

describe('quantiles are not kept: they cannot be merged', () => {
  const withQuantiles = (service: string, seconds: number, name = histogramName) =>
    sendJson(stage, 'metrics', {
      resourceMetrics: [
        {
          resource: { attributes: [{ key: 'service.name', value: { stringValue: service } }] },
          scopeMetrics: [
            {
              metrics: [
                {
                  name,
                  summary: {
                    dataPoints: [
                      {
                        startTimeUnixNano: String(at(0)),
                        timeUnixNano: String(at(seconds)),
                        count: String(seconds),
                        sum: seconds / 2,
                        quantileValues: [
                          { quantile: 0, value: 0.125 },
                          { quantile: 0.5, value: 0.25 },
                          { quantile: 1, value: 0.75 },
                        ],
                      },
                    ],
                  },
                },
              ],
            },
          ],
        },
      ],
    });

  it('nor made up: no percentile, no extremes, no sketch of values', async () => {
    expect(await withQuantiles('quantiles', 10)).toMatchObject({ httpStatus: 200, rejected: 0, message: '' });
    const [row] = await minutesOf(stage.sql, 'quantiles', histogramName);
    expect(row).toMatchObject({ count: 10, sum: 5, min: null, max: null, p50: null, p95: null, p99: null });
    expect(row?.spans?.spans).toEqual([]);
  });

  it('counted each time, said once a metric', async () => {
    const name = 'kaiku_voice_jitter_ms';
    for (const seconds of [10, 20, 30]) await withQuantiles('said', seconds, name);
    expect(await reasonsOf(stage.sql, 'said')).toEqual({ summary_quantiles_dropped: 3 });
    const said = stage.logged.filter(({ fields: { metric } }) => metric === name);
    expect(said.map(({ event }) => event)).toEqual(['quantiles of a summary are not kept']);
  });
});
