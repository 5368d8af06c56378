import { describe, expect, it } from 'vitest';
import { minutesOf } from './metricRows.ts';
import { useMetricStage } from './metricStage.ts';
import { additiveName, at, gauge, maxName, number, upDown } from './metrics.ts';
import { sendJson } from './send.ts';

const stage = useMetricStage();

const pod = (name: string) => ({ attributes: { pod: name } });
const lasts = async (service: string, name = additiveName) =>
  (await minutesOf(stage.sql, service, name)).map(({ minute, last }) => [minute, last]);

/** A gauge and an UpDownCounter are one kind here: each rule holds for both. */
const kinds = [
  ['gauge', gauge],
  ['UpDownCounter', upDown],
] as const;

describe.each(kinds)('a %s whose streams add up (contract.md §4)', (kind, metric) => {
  it('the last value of each stream, summed after the label that told them apart was dropped; no min and max', async () => {
    const service = `added-${kind}`;
    const points = [
      number(0, 10, 3, pod('a')),
      number(0, 12, 3, pod('b')),
      number(0, 20, 5, pod('a')),
      number(0, 30, 4, pod('a')),
    ];
    await stage.send(service, [metric(points)]);
    const rows = await minutesOf(stage.sql, service, additiveName);
    expect(rows).toMatchObject([{ minute: 0, last: 7, min: null, max: null, count: null, sum: null }]);
  });

  it('of two resources alike', async () => {
    const service = `resources-${kind}`;
    for (const instance of ['a', 'b'])
      await stage.send(service, [metric([number(0, 10, 3)])], { resource: { 'service.instance.id': instance } });
    expect(await lasts(service)).toEqual([[0, 6]]);
  });

  it('over several minutes, a quiet stream keeping its value', async () => {
    const service = `minutes-${kind}`;
    await stage.send(service, [
      metric([number(0, 10, 3, pod('a')), number(0, 10, 10, pod('b')), number(0, 70, 4, pod('a'))]),
    ]);
    await stage.send(service, [metric([number(0, 130, 20, pod('b')), number(0, 140, 5, pod('a'))])]);
    expect(await lasts(service)).toEqual([
      [0, 13],
      [1, 14],
      [2, 25],
    ]);
  });

  it('a restart in the middle of a minute neither doubles nor loses a contribution', async () => {
    const service = `restart-${kind}`;
    await stage.send(service, [metric([number(0, 10, 3, pod('a')), number(0, 10, 10, pod('b'))])]);
    await stage.restart();
    await stage.send(service, [metric([number(0, 20, 4, pod('a'))])]);
    await stage.restart();
    await stage.send(service, [metric([number(0, 30, 2, pod('a')), number(0, 100, 11, pod('b'))])]);
    expect(await lasts(service)).toEqual([
      [0, 12],
      [1, 11],
    ]);
  });

  it('whichever sidecar a point reaches', async () => {
    const service = `sidecars-${kind}`;
    const other = await stage.startAnother();
    for (const [index, value] of [3, 8, 5, 6].entries()) {
      const sender = index % 2 === 0 ? {} : { http: other };
      await stage.send(
        service,
        [metric([number(0, 10 + index, value, pod('a')), number(0, 10 + index, 1, pod('b'))])],
        sender,
      );
    }
    expect(await lasts(service)).toEqual([[0, 7]]);
  });

  it('below zero and in fractions', async () => {
    await stage.send(`below-${kind}`, [metric([number(0, 10, -3), number(0, 20, -0.5)])]);
    expect(await lasts(`below-${kind}`)).toEqual([[0, -0.5]]);
  });
});

describe.each(kinds)('a %s of which the greatest counts', (kind, metric) => {
  it('min and max in the window, the newest as last, over streams', async () => {
    const service = `max-${kind}`;
    await stage.send(service, [
      metric([number(0, 10, 0.5, pod('a')), number(0, 20, 0.25, pod('b')), number(0, 15, 0.75, pod('a'))], maxName),
    ]);
    expect(await minutesOf(stage.sql, service, maxName)).toMatchObject([
      { minute: 0, min: 0.25, max: 0.75, last: 0.25 },
    ]);
  });

  it('of two at one time the greater is the last', async () => {
    const service = `tie-${kind}`;
    for (const [name, value] of [
      ['a', 0.25],
      ['b', 0.5],
      ['c', 0.125],
    ] as const)
      await stage.send(service, [metric([number(0, 20, value, pod(name))], maxName)]);
    expect(await lasts(service, maxName)).toEqual([[0, 0.5]]);
  });

  it('nothing is filled: a silent minute has no row', async () => {
    await stage.send(`silent-${kind}`, [metric([number(0, 10, 0.5), number(0, 130, 0.25)], maxName)]);
    expect(await lasts(`silent-${kind}`, maxName)).toEqual([
      [0, 0.5],
      [2, 0.25],
    ]);
  });

  it('a restart in the middle of a minute changes nothing of it', async () => {
    const service = `max-restart-${kind}`;
    await stage.send(service, [metric([number(0, 10, 0.5), number(0, 30, 0.25)], maxName)]);
    await stage.restart();
    await stage.send(service, [metric([number(0, 20, 0.75)], maxName)]);
    expect(await minutesOf(stage.sql, service, maxName)).toMatchObject([{ min: 0.25, max: 0.75, last: 0.25 }]);
  });
});

describe('labels that the contract keeps', () => {
  it('keep series apart', async () => {
    const connections = (state: string, value: number) =>
      number(undefined, 10, value, {
        attributes: { 'db.client.connection.state': state, 'db.client.connection.pool.name': 'main' },
      });
    await stage.send('apart', [gauge([connections('idle', 3), connections('used', 4)], 'db.client.connection.count')]);
    const rows = await minutesOf(stage.sql, 'apart', 'db.client.connection.count');
    expect(rows.map(({ labels, last }) => [labels['db.client.connection.state'], last])).toEqual([
      ['idle', 3],
      ['used', 4],
    ]);
  });
});

describe('int and double are one number', () => {
  it.each([
    ['gauge', { asInt: '-3' }, { asDouble: 4.5 }],
    ['gauge', { asInt: -3 }, { asInt: '4' }],
    ['sum', { asDouble: -3 }, { asInt: 4 }],
  ] as const)('%s of %o and %o', async (kind, first, second) => {
    const service = `int-${kind}-${Object.keys(second)[0]}-${typeof Object.values(first)[0]}`;
    const point = (time: number, value: object) => ({ timeUnixNano: String(at(time)), ...value });
    const data = {
      dataPoints: [point(10, first), point(70, second)],
      ...(kind === 'sum' ? { aggregationTemporality: 2 } : {}),
    };
    const attributes = [{ key: 'service.name', value: { stringValue: service } }];
    const metrics = [{ name: additiveName, [kind]: data }];
    const answer = await sendJson(stage, 'metrics', {
      resourceMetrics: [{ resource: { attributes }, scopeMetrics: [{ metrics }] }],
    });
    expect(answer).toMatchObject({ httpStatus: 200, rejected: 0 });
    expect(await lasts(service)).toEqual([
      [0, -3],
      [1, Number(Object.values(second)[0])],
    ]);
  });
});

describe('an UpDownCounter that starts anew', () => {
  it('is the same stream: its value is what it shows, not what it gained', async () => {
    await stage.send('new-start', [upDown([number(0, 10, 5), number(15, 20, 2)])]);
    expect(await lasts('new-start')).toEqual([[0, 2]]);
  });
});

describe('delta non-monotonic sums accumulate', () => {
  const delta = { temporality: 'delta' } as const;

  it('into a gauge: the running value counts, minutes between are filled', async () => {
    const points = [number(0, 10, 5), number(10, 20, -2), number(20, 150, 4)];
    await stage.send('running', [upDown(points, additiveName, delta)]);
    expect(await lasts('running')).toEqual([
      [0, 3],
      [1, 3],
      [2, 7],
    ]);
  });

  it('over a restart, and a point sent again adds nothing', async () => {
    const send = (start: number, time: number, value: number) =>
      stage.send('running-restart', [upDown([number(start, time, value)], additiveName, delta)]);
    await send(0, 10, 5);
    await stage.restart();
    await send(0, 10, 5);
    await send(10, 20, -2);
    await stage.restart();
    await send(10, 20, -2);
    await send(20, 70, 1);
    expect(await lasts('running-restart')).toEqual([
      [0, 3],
      [1, 4],
    ]);
  });

  it('one that comes late changes the value from there on', async () => {
    await stage.send('running-late', [
      upDown([number(0, 10, 5), number(20, 30, 1), number(10, 20, 3)], additiveName, delta),
    ]);
    expect(await lasts('running-late')).toEqual([[0, 9]]);
  });

  it('of several pods they add up, and of a gauge kept by max the greatest counts', async () => {
    const points = [number(0, 10, 5, pod('a')), number(0, 10, 7, pod('b')), number(10, 20, 1, pod('a'))];
    await stage.send('running-pods', [upDown(points, additiveName, delta), upDown(points, 'kaiku_guilds', delta)]);
    expect(await lasts('running-pods')).toEqual([[0, 13]]);
    expect(await minutesOf(stage.sql, 'running-pods', 'kaiku_guilds')).toMatchObject([{ min: 5, max: 7, last: 6 }]);
  });
});
