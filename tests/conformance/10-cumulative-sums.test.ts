import { describe, expect, it } from 'vitest';
import { minutesOf, reasonsOf } from './metricRows.ts';
import { useMetricStage } from './metricStage.ts';
import { counter, counterName, number, type Start } from './metrics.ts';
import type { Attributes } from './requests.ts';

const stage = useMetricStage();

type Row = readonly [start: Start, time: number, value: number];

/** Seconds as in the OTLP reference's vectors; a stop of the sidecar before the point at `restartBefore`. */
async function effectsOf(service: string, rows: readonly Row[], restartBefore?: number) {
  const effects = [];
  for (const [index, [start, time, value]] of rows.entries()) {
    if (index === restartBefore) await stage.restart();
    effects.push(...(await stage.effects(service, [counter([number(start, time, value)])])));
  }
  return { added: effects.map(({ added }) => added), reasons: effects.map(({ reasons }) => reasons.join()) };
}

const TEN_MINUTES_S = 600;
const FIVE_MINUTES_S = 300;

describe('cumulative monotonic sums, per (stream, start): increase = value - last', () => {
  it('vector cum-true-reset: a later start is a new stream counted from zero', async () => {
    const { added, reasons } = await effectsOf('true-reset', [
      [100, 110, 100],
      [100, 120, 150],
      [121, 130, 30],
    ]);
    expect([added, reasons]).toEqual([
      [100, 50, 30],
      ['', '', ''],
    ]);
  });

  it('vector cum-true-reset, with a first start 20 min before: baseline', async () => {
    const { added, reasons } = await effectsOf('old-reset', [
      [110 - 1_200, 110, 100],
      [110 - 1_200, 120, 150],
      [121, 130, 30],
    ]);
    expect([added, reasons]).toEqual([
      [0, 50, 30],
      ['baseline', '', ''],
    ]);
  });

  it('vector cum-two-writers: the older start stays valid, replicas that share a resource never count again', async () => {
    const { added } = await effectsOf('two-writers', [
      [100, 110, 100],
      [107, 111, 5],
      [100, 120, 110],
      [107, 121, 9],
    ]);
    expect(added).toEqual([100, 5, 10, 4]);
  });

  it('late points of the older start count beside the newer one', async () => {
    const { added } = await effectsOf('late-older', [
      [100, 110, 100],
      [130, 140, 7],
      [100, 128, 120],
      [130, 150, 9],
    ]);
    expect(added).toEqual([100, 7, 20, 2]);
  });

  it('a point sent again, over a restart too, adds nothing', async () => {
    const { added, reasons } = await effectsOf(
      'again',
      [
        [0, 10, 5],
        [0, 20, 8],
        [0, 20, 8],
      ],
      2,
    );
    expect([added, reasons]).toEqual([
      [5, 3, 0],
      ['', '', 'duplicate'],
    ]);
  });

  it('state is committed with the batch: a restart in mid-stream loses no interval and doubles none', async () => {
    const rows: Row[] = [
      [0, 10, 5],
      [0, 20, 8],
      [30, 40, 4],
      [0, 28, 9],
      [30, 50, 6],
    ];
    for (const restartBefore of [1, 3, 4]) {
      const service = `restart-${restartBefore}`;
      expect((await effectsOf(service, rows, restartBefore)).added).toEqual([5, 3, 4, 1, 2]);
      expect((await minutesOf(stage.sql, service, counterName)).map(({ sum }) => sum)).toEqual([15]);
    }
  });
});

describe('the first point of an unknown stream', () => {
  it.each([
    ['starts 10 min before its time: in full', -TEN_MINUTES_S, 40, ''],
    ['starts earlier: baseline', -TEN_MINUTES_S - 0.001, 0, 'baseline'],
    ['says no start: baseline', undefined, 0, 'baseline'],
  ])('%s', async (what, offset, increase, reason) => {
    const start = offset === undefined ? undefined : 700 + offset;
    const { added, reasons } = await effectsOf(`first ${what.length}`, [
      [start, 700, 40],
      [start, 710, 41],
    ]);
    expect([added, reasons]).toEqual([
      [increase, 1],
      [reason, ''],
    ]);
  });

  const label = (value: string) => ({ attributes: { 'ws.event_type': value } });

  it.each([
    ['had committed points more than 5 min earlier: in full', FIVE_MINUTES_S + 0.001, 40, ''],
    ['is known for just 5 min: baseline', FIVE_MINUTES_S, 0, 'baseline'],
  ])('whose sender %s', async (what, knownForS, increase, reason) => {
    const service = `sender ${what.length}`;
    const first = counter([number(-3_600, 0, 7, label('message'))]);
    const other = counter([number(-3_600, knownForS, 40, label('typing'))]);
    const [baseline, second] = await stage.effects(service, [first, other]);
    expect([baseline, second]).toEqual([
      { added: 0, reasons: ['baseline'] },
      { added: increase, reasons: reason === '' ? [] : [reason] },
    ]);
  });

  it('is judged by its sender over a restart too: the earliest committed time is kept', async () => {
    await stage.send('known-sender', [counter([number(-3_600, 0, 7, label('message'))])]);
    await stage.restart();
    const [effect] = await stage.effects('known-sender', [counter([number(-3_600, 400, 40, label('typing'))])]);
    expect(effect).toEqual({ added: 40, reasons: [] });
  });

  it.each<[string, { resource?: Attributes; scope?: string }]>([
    ['resource', { resource: { 'service.instance.id': 'b' } }],
    ['scope', { scope: 'other' }],
  ])('another %s is another sender', async (what, sender) => {
    const service = `other-${what}`;
    await stage.send(service, [counter([number(-3_600, 0, 7)])]);
    const [effect] = await stage.effects(service, [counter([number(-3_600, 400, 40)])], sender);
    expect(effect).toEqual({ added: 0, reasons: ['baseline'] });
  });

  it('another metric of the sender says nothing either', async () => {
    await stage.send('other-metric', [{ ...counter([number(0, 1, 7)]), name: 'kaiku_ws_reconnects_total' }]);
    const [effect] = await stage.effects('other-metric', [counter([number(-3_600, 400, 40)])]);
    expect(effect).toEqual({ added: 0, reasons: ['baseline'] });
  });

  it('only times in the data decide: points that came long ago by the clock but lie close together are no history', async () => {
    const service = 'data-time';
    const effects = await stage.effects(service, [
      counter([number(-3_600, 0, 7, label('message'))]),
      counter([number(-3_600, 10, 8, label('message'))]),
      counter([number(-3_600, 20, 40, label('typing'))]),
    ]);
    expect(effects.map(({ added }) => added)).toEqual([0, 1, 0]);
  });

  it('counted in full fills (start, time], and only the minute of its time where its start lies further back', async () => {
    await stage.send('fills', [counter([number(0, 240, 40)])]);
    const filled = await minutesOf(stage.sql, 'fills', counterName);
    expect(filled.map(({ minute, sum }) => [minute, sum])).toEqual([
      [0, 10],
      [1, 10],
      [2, 10],
      [3, 10],
    ]);
    await stage.send('fills-not', [counter([number(-3_600, 0, 7, label('message'))])]);
    await stage.send('fills-not', [counter([number(-3_600, 400, 40, label('typing'))])]);
    const typing = (await minutesOf(stage.sql, 'fills-not', counterName)).filter(
      ({ labels }) => labels['ws.event_type'] === 'typing',
    );
    expect(typing.map(({ minute, sum }) => [minute, sum])).toEqual([[6, 40]]);
  });
});

describe('start = time says "reset at an unknown time" (data model, "Resets and Gaps")', () => {
  it('vector cum-unknown-start: it is the baseline of that start and adds nothing', async () => {
    const { added, reasons } = await effectsOf('equal-start', [
      [110, 110, 100],
      [110, 120, 130],
    ]);
    expect([added, reasons]).toEqual([
      [0, 30],
      ['baseline', ''],
    ]);
  });

  it('even of a sender known for long', async () => {
    await stage.send('equal-known', [counter([number(0, 10, 7)])]);
    expect(
      (
        await effectsOf('equal-known', [
          [400, 400, 100],
          [400, 410, 103],
        ])
      ).added,
    ).toEqual([0, 3]);
  });

  const rows: Row[] = [
    [10, 10, 100],
    [20, 20, 110],
    [30, 30, 130],
    [40, 40, 135],
    [50, 50, 141],
  ];

  it('the third in a row is read as start 0: the baseline of that stream, whose successors add', async () => {
    const { added, reasons } = await effectsOf('equal-three', rows);
    expect([added, reasons]).toEqual([
      [0, 0, 0, 5, 6],
      ['baseline', 'baseline', 'baseline', '', ''],
    ]);
  });

  it('how many came in a row is state: a restart between them changes nothing', async () => {
    for (const restartBefore of [1, 2, 3]) {
      const { added } = await effectsOf(`equal-restart-${restartBefore}`, rows, restartBefore);
      expect(added).toEqual([0, 0, 0, 5, 6]);
    }
  });

  it('any other point in between breaks the row', async () => {
    const { added } = await effectsOf('equal-broken', [
      [10, 10, 100],
      [20, 20, 110],
      [20, 25, 112],
      [30, 30, 130],
      [40, 40, 135],
      [40, 50, 139],
    ]);
    expect(added).toEqual([0, 0, 2, 0, 0, 4]);
  });
});

describe('start 0 (not given)', () => {
  it('vector cum-unknown-start with start 0 throughout', async () => {
    const { added } = await effectsOf('zero-start', [
      [undefined, 110, 100],
      [undefined, 120, 130],
    ]);
    expect(added).toEqual([0, 30]);
  });

  it('is one stream, and a falling value counts from zero', async () => {
    const { added, reasons } = await effectsOf('zero-falls', [
      [undefined, 10, 100],
      [undefined, 20, 130],
      [undefined, 30, 4],
      [undefined, 40, 9],
    ]);
    expect([added, reasons]).toEqual([
      [0, 30, 4, 5],
      ['baseline', '', 'reset', ''],
    ]);
  });
});

describe('a falling value with the same start', () => {
  it('counts from zero, and is counted as a reset', async () => {
    const { added, reasons } = await effectsOf('falls', [
      [0, 10, 100],
      [0, 20, 30],
      [0, 30, 35],
      [0, 40, 0],
    ]);
    expect([added, reasons]).toEqual([
      [100, 30, 5, 0],
      ['', 'reset', '', 'reset'],
    ]);
    expect(await reasonsOf(stage.sql, 'falls')).toEqual({ reset: 2 });
  });

  it('is no partial success: nothing of it could be sent better', async () => {
    await stage.send('falls-answer', [counter([number(0, 10, 100)])]);
    expect(await stage.send('falls-answer', [counter([number(0, 20, 30)])])).toMatchObject({
      rejected: 0,
      message: '',
    });
  });
});
