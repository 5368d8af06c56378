import type { BarePoint, MetricTree, ResourceTree } from '@command-center/sidecar/decode/testing/trees';
import { describe, expect, it } from 'vitest';
import { minutesOf } from './metricRows.ts';
import { type Effect, useMetricStage } from './metricStage.ts';
import {
  additiveName,
  at,
  counter,
  counterName,
  explicit,
  exponential,
  exponentialHistogram,
  gauge,
  histogram,
  number,
  upDown,
} from './metrics.ts';
import { type Attributes, attributes, type metricsOf } from './requests.ts';
import { send, sendJson } from './send.ts';

const stage = useMetricStage();

type Tree = ReturnType<typeof metricsOf>;
type Change = (tree: Tree) => Tree;

const keys: Attributes = { pod: 'a', shard: 1n, nested: { entries: attributes({ x: 1n, y: 'z' }) } };

/** A counter's point whose resource, scope and point all have attributes. */
function treeOf(service: string, time: number, value: number): Tree {
  const items = [counter([number(0, time, value, { attributes: keys })], { unit: '{message}' })];
  const resource = attributes({ 'service.name': service, 'host.arch': 'arm64', cores: 4n });
  return [{ attributes: resource, scopes: [{ name: 'meter', version: '1', attributes: attributes(keys), items }] }];
}

const resourceWith =
  (change: (resource: ResourceTree<MetricTree>) => Partial<ResourceTree<MetricTree>>): Change =>
  (tree) =>
    tree.map((resource) => ({ ...resource, ...change(resource) }));
const scopeWith = (change: Partial<ResourceTree<MetricTree>['scopes'][number]>): Change =>
  resourceWith(({ scopes }) => ({ scopes: scopes.map((scope) => ({ ...scope, ...change })) }));
const metricWith = (change: (metric: MetricTree) => Partial<MetricTree>): Change =>
  resourceWith(({ scopes }) => ({
    scopes: scopes.map((scope) => ({ ...scope, items: scope.items.map((item) => ({ ...item, ...change(item) })) })),
  }));
const pointWith = (change: Partial<BarePoint>): Change =>
  metricWith(({ points }) => ({
    points: points.map((point): BarePoint => Object.assign({}, point, change)),
  }));

let services = 0;

/** One point, one that differs from it in something, and the first's successor: what each adds. */
async function added(change: Change): Promise<number[]> {
  services += 1;
  const service = `identity-${services}`;
  const trees = [treeOf(service, 10, 100), change(treeOf(service, 20, 130)), treeOf(service, 30, 150)];
  const totals = [0];
  for (const tree of trees) {
    await send({ client: stage.client, http: stage.http }, 'HTTP/protobuf', 'metrics', tree);
    totals.push((await minutesOf(stage.sql, service, counterName)).reduce((sum, row) => sum + (row.sum ?? 0), 0));
  }
  return totals.slice(1).map((total, index) => total - (totals[index] ?? 0));
}

const oneStream = [100, 30, 20];
const twoStreams = [100, 130, 50];

describe('stream identity (OTLP metrics data model, "Timeseries Model"): another value is another stream', () => {
  it.each<[string, Change]>([
    [
      'a resource attribute more',
      resourceWith(({ attributes: own }) => ({ attributes: [...own, { key: 'x', value: 'y' }] })),
    ],
    ['a resource attribute less', resourceWith(({ attributes: own }) => ({ attributes: own.slice(0, 2) }))],
    [
      'the type of a resource attribute',
      resourceWith(({ attributes: own }) => ({ attributes: [...own.slice(0, 2), { key: 'cores', value: '4' }] })),
    ],
    ['scope name', scopeWith({ name: 'other' })],
    ['scope version', scopeWith({ version: '2' })],
    ['scope attributes', scopeWith({ attributes: attributes({ ...keys, pod: 'b' }) })],
    ['unit', metricWith(() => ({ unit: '1' }))],
    ['temporality', metricWith(() => ({ temporality: 'delta' }))],
    ['a point attribute that no series keeps', pointWith({ attributes: attributes({ ...keys, pod: 'b' }) })],
    ['a point attribute more', pointWith({ attributes: attributes({ ...keys, y: '' }) })],
    ['int 1 and string "1"', pointWith({ attributes: attributes({ ...keys, shard: '1' }) })],
    ['int 1 and double 1', pointWith({ attributes: attributes({ ...keys, shard: 1 }) })],
    ['int 1 and bool true', pointWith({ attributes: attributes({ ...keys, shard: true }) })],
    [
      'a nested attribute',
      pointWith({ attributes: attributes({ ...keys, nested: { entries: attributes({ x: 2n }) } }) }),
    ],
    ['a list and its text', pointWith({ attributes: attributes({ ...keys, nested: '[1]' }) })],
  ])('%s', async (_, change) => {
    expect(await added(change)).toEqual(twoStreams);
  });

  it('metric name', async () => {
    const renamed = metricWith(() => ({ name: 'kaiku_voice_rtp_packets_forwarded_total', unit: '{packet}' }));
    expect(await added(renamed)).toEqual([100, 0, 50]);
    const [row] = await minutesOf(stage.sql, `identity-${services}`, 'kaiku_voice_rtp_packets_forwarded_total');
    expect(row?.sum).toBe(130);
  });

  it('monotonicity: not even a point that is rejected for it touches the stream', async () => {
    expect(await added(metricWith(() => ({ isMonotonic: false })))).toEqual([100, 0, 50]);
  });

  it('point kind: a gauge and an UpDownCounter, explicit and exponential buckets', async () => {
    const gauges = [gauge([number(undefined, 10, 3)]), upDown([number(0, 20, 5)]), gauge([number(undefined, 30, 4)])];
    expect((await stage.effects('kinds', gauges)).map((effect) => effect.added)).toEqual([3, 5, 1]);
    const histograms = [
      histogram([explicit(0, 10, [1], [2, 3])]),
      exponentialHistogram([exponential(0, 20, { positive: [0, 7] })]),
      histogram([explicit(0, 30, [1], [2, 4])]),
    ];
    expect((await stage.effects('kinds', histograms)).map((effect) => effect.added)).toEqual([5, 7, 1]);
  });
});

describe('what is no part of the identity leaves the stream one', () => {
  it.each<[string, Change]>([
    ['nothing changed', (tree) => tree],
    ['the order of resource attributes', resourceWith(({ attributes: own }) => ({ attributes: own.toReversed() }))],
    ['the order of scope attributes', scopeWith({ attributes: attributes(keys).toReversed() })],
    ['the order of point attributes', pointWith({ attributes: attributes(keys).toReversed() })],
    [
      'the order inside a key-value list',
      pointWith({ attributes: attributes({ ...keys, nested: { entries: attributes({ y: 'z', x: 1n }) } }) }),
    ],
    ['flags', pointWith({ flags: 2 })],
  ])('%s', async (_, change) => {
    expect(await added(change)).toEqual(oneStream);
  });

  const addedBy = (effects: readonly Effect[]) => effects.map((effect) => effect.added);

  it('bounds of a histogram, scale of an exponential one', async () => {
    const bounds = [explicit(0, 10, [1], [2, 3]), explicit(0, 20, [2], [4, 3]), explicit(0, 30, [2, 4], [4, 3, 3])];
    expect(addedBy(await stage.effects('bounds', [histogram(bounds)]))).toEqual([5, 2, 3]);
    const scales = [
      exponential(0, 10, { scale: 3, positive: [4, 5] }),
      exponential(0, 20, { scale: 2, positive: [2, 7] }),
    ];
    expect(addedBy(await stage.effects('scale', [exponentialHistogram(scales)]))).toEqual([5, 2]);
  });

  it('the encoding: protobuf and JSON are one stream over every door', async () => {
    const service = 'encodings';
    const point = (time: number, value: number) => [counter([number(0, time, value, { attributes: keys })])];
    await stage.send(service, point(10, 100), { door: 'HTTP/protobuf' });
    await stage.send(service, point(20, 130), { door: 'HTTP/JSON' });
    await stage.send(service, point(30, 150), { door: 'gRPC' });
    expect((await minutesOf(stage.sql, service, counterName)).map(({ sum }) => sum)).toEqual([150]);
  });

  it('description, schema URLs, dropped counts, int or double value', async () => {
    const service = 'descriptions';
    const send = (time: number, value: object, more: object) =>
      sendJson({ http: stage.http }, 'metrics', {
        resourceMetrics: [
          {
            resource: { attributes: [{ key: 'service.name', value: { stringValue: service } }], ...more },
            scopeMetrics: [
              {
                scope: { name: 'm', ...more },
                metrics: [{ name: counterName, ...more, sum: sumOf(time, value) }],
                ...more,
              },
            ],
            ...more,
          },
        ],
      });
    const sumOf = (time: number, value: object) => ({
      aggregationTemporality: 2,
      isMonotonic: true,
      dataPoints: [{ startTimeUnixNano: String(at(0)), timeUnixNano: String(at(time)), ...value }],
    });
    await send(10, { asInt: '100' }, {});
    await send(
      20,
      { asDouble: 130 },
      { description: 'messages', schemaUrl: 'https://x/1.9', droppedAttributesCount: 3 },
    );
    await send(30, { asInt: 150 }, { description: 'other words' });
    expect((await minutesOf(stage.sql, service, counterName)).map(({ sum }) => sum)).toEqual([150]);
  });

  it('of gauges alike: the newest value of one stream counts, in whatever order its attributes come', async () => {
    const one = number(undefined, 10, 3, { attributes: { a: 'x', b: 'y' } });
    const again = number(undefined, 20, 5, { attributes: { b: 'y', a: 'x' } });
    await stage.send('gauge-order', [gauge([one]), gauge([again])]);
    expect((await minutesOf(stage.sql, 'gauge-order', additiveName)).map(({ last }) => last)).toEqual([5]);
  });
});
