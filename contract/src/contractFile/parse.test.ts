import { describe, expect, it } from 'vitest';
import { createContract, defaultContract } from '../contract.ts';
import { exampleFile } from './example.ts';
import { maxAliases, maxFileBytes, maxFileMetrics } from './limits.ts';
import { parseContractFile } from './parse.ts';

function contractOf(source: string) {
  const parsed = parseContractFile(source);
  if (!parsed.isValid) throw new Error(JSON.stringify(parsed.problems));
  return createContract(parsed.file);
}

function problemsOf(source: string): string[] {
  const parsed = parseContractFile(source);
  if (parsed.isValid) throw new Error('nothing was found');
  return parsed.problems.map(({ line, key }) => `${line} ${key}`);
}

const newMetric = 'metrics:\n  - name: shop_orders\n    kind: counter\n    unit: "{order}"\n    signal: traffic\n';

describe('a contract file adds metrics to the built-in ones (contract.md §4)', () => {
  const { catalogue } = contractOf(exampleFile);

  it('with labels, unit and the tab of its signal', () => {
    expect(catalogue.entryOf('shop_orders_total')).toEqual({
      name: 'shop_orders_total',
      kind: 'counter',
      unit: '{order}',
      merge: 'sum',
      signal: 'traffic',
      tab: 'golden_signals',
      labels: ['service.name', 'deployment.environment.name', 'outcome'],
      isSigned: false,
      description: 'Orders placed.',
    });
    expect(catalogue.entries.length).toBe(defaultContract.catalogue.entries.length + 2);
  });

  it('under other names, of which the best counts, with a factor', () => {
    expect(catalogue.canonicalName('shop.orders')).toBe('shop_orders_total');
    const mappings = ['shop_orders_total', 'shop.orders', 'shop_orders_thousands'].map(
      (name) => catalogue.mappingsOf(name)[0],
    );
    expect(mappings.map((mapping) => [mapping?.nameRank, mapping?.instrumentNames, mapping?.factors['1']])).toEqual([
      [0, 3, 1],
      [1, 3, 1],
      [2, 3, 1000],
    ]);
  });

  it('whose names with labels of their own are parts, all of which count', () => {
    const [full] = catalogue.mappingsOf('shop_carts_full');
    const [empty] = catalogue.mappingsOf('shop_carts_empty');
    expect(full).toMatchObject({ fixedLabels: { quality: 'good' }, instrumentNames: 1, instrumentRank: 1 });
    expect(empty).toMatchObject({ fixedLabels: { quality: 'poor' }, instrument: full?.instrument });
  });

  it('and changes built-in ones, whose own names go before its aliases', () => {
    const name = 'http.server.request.duration';
    expect(catalogue.entryOf(name)?.labels).toEqual(['service.name', 'deployment.environment.name', 'http.route']);
    expect(catalogue.entryOf(name)).toMatchObject({ kind: 'histogram', unit: 's', signal: 'latency' });
    const [mapping] = catalogue.mappingsOf('shop_request_ms');
    expect(mapping).toMatchObject({ unit: 'ms', selectors: [{ key: 'span.kind', equals: 'SPAN_KIND_SERVER' }] });
    expect(mapping?.factors).toMatchObject({ ms: 0.001, s: 1 });
    const ranks = catalogue.mappings.filter(({ target }) => target.name === name).map((each) => each.instrumentRank);
    expect(mapping?.instrumentRank).toBe(Math.max(...ranks));
  });

  it('and leaves all others as they are', () => {
    const changed = new Set(['http.server.request.duration']);
    const others = defaultContract.catalogue.entries.filter(({ name }) => !changed.has(name));
    for (const entry of others) {
      expect(catalogue.entryOf(entry.name)).toEqual(entry);
      expect(catalogue.mappingsOf(entry.name).filter(({ target }) => !changed.has(target.name))).toEqual(
        defaultContract.catalogue.mappingsOf(entry.name).filter(({ target }) => !changed.has(target.name)),
      );
    }
  });
});

describe('a contract file lists services, probe routes and what Valkey is for (contract.md §1, §6)', () => {
  const contract = contractOf(exampleFile);

  it('services in its order; a built-in one keeps what the file does not say', () => {
    expect(contract.services.map(({ id, name }) => [id, name])).toEqual([
      ['http_api', 'HTTP API'],
      ['postgresql', 'Orders database'],
      ['shop', 'Shop'],
    ]);
    expect(contract.services[1]?.conditions).toEqual(
      defaultContract.services.find(({ id }) => id === 'postgresql')?.conditions,
    );
    expect(contract.services[2]?.conditions).toEqual([
      {
        type: 'probe',
        probe: 'http',
        setting: 'probeHttpUrl',
        isOptional: false,
        url: 'http://shop.internal:8080/livez',
      },
      { type: 'fresh', metric: 'shop_orders_total' },
      { type: 'aboveZero', metric: 'shop_carts', labels: { quality: 'good' } },
      { type: 'moving', metric: 'shop_orders_total', whileAbove: 'shop_carts' },
      { type: 'threshold', threshold: 'API_ERROR_RATE' },
    ]);
  });

  it.each([
    ['probe: http, url: ftp://shop/', 'url'],
    ['probe: http, url: "http://user:word@shop/"', 'url'],
    ['probe: http, url: "http://shop/?token=a"', 'url'],
    ['probe: http, url: shop', 'url'],
    ['probe: valkey, url: http://shop/', 'url'],
  ])('no target that is none, or that holds a secret: %s', (condition, key) => {
    const file = `services:\n  - { id: http_api, conditions: [{ type: probe, ${condition} }] }`;
    expect(() => contractOf(file)).toThrow(key);
  });

  it('a condition may name a metric by an alias', () => {
    const { services } = contractOf(
      'services:\n  - id: http_api\n    conditions: [{ type: fresh, metric: http.server.duration }]',
    );
    expect(services[0]?.conditions).toEqual([{ type: 'fresh', metric: 'http.server.request.duration' }]);
  });

  it('probe routes in place of the built-in ones', () => {
    expect(contract.probeRoutes).toEqual(['/health*', '/internal/ping']);
    expect(defaultContract.probeRoutes).toContain('/livez');
  });

  it('what Valkey is used for', () => {
    expect(contract.valkeyUsedFor).toBe('carts and sessions');
    expect(defaultContract.valkeyUsedFor).toBeNull();
  });

  it('and what it does not mention is built in', () => {
    const contract = contractOf('valkey: { used_for: queues }');
    expect(contract.services).toBe(defaultContract.services);
    expect(contract.catalogue.entries).toEqual(defaultContract.catalogue.entries);
  });
});

describe('what is wrong is named with its line and key', () => {
  it.each([
    ['no YAML', 'metrics:\n  - name: [a', ['2 ']],
    ['a key twice', 'valkey: { used_for: a }\nvalkey: { used_for: b }', ['2 ']],
    ['two documents', 'valkey: { used_for: a }\n---\nvalkey: { used_for: b }', ['2 ']],
    ['an unknown tag', 'valkey: !!js/function { used_for: a }', ['1 ']],
    ['nothing', '', ['1 ']],
    ['comments alone', '# metrics:\n', ['1 ']],
    ['null', 'null', ['1 ']],
    ['a list', '- metrics', ['1 ']],
    ['text', 'metrics', ['1 ']],
    ['an unknown key', 'valkey: { used_for: a }\nmetric: []', ['2 metric']],
    ['thresholds, which are variables', 'thresholds: {}', ['1 thresholds']],
    ['an unknown key of a metric', `${newMetric}    units: s`, ['6 metrics[0].units']],
    ['a wrong type', 'metrics:\n  name: a', ['1 metrics']],
    ['a number for a name', 'metrics:\n  - name: 7', ['2 metrics[0].name']],
    ['a metric without a name', 'metrics:\n  - kind: gauge', ['2 metrics[0].name']],
    ['a kind that is none', `${newMetric.replace('counter', 'timer')}`, ['3 metrics[0].kind']],
    ['a new metric without kind', 'metrics:\n  - name: shop_a\n    unit: s\n    signal: latency', ['2 metrics[0]']],
    ['a gauge without merge', `${newMetric.replace('counter', 'gauge')}`, ['2 metrics[0]']],
    ['a merge of a counter', `${newMetric}    merge: last`, ['6 metrics[0].merge']],
    ['a unit of no dimension', `${newMetric.replace('"{order}"', 'parsec')}`, ['4 metrics[0].unit']],
    ['a counter below zero', `${newMetric}    signed: true`, ['6 metrics[0].signed']],
    ['an unknown label', `${newMetric}    labels:\n      - outcome\n      - region`, ['8 metrics[0].labels[1]']],
    ['a forbidden label', `${newMetric}    labels: [user.id]`, ['6 metrics[0].labels[0]']],
    ['the overflow label', `${newMetric}    labels: [otel.metric.overflow]`, ['6 metrics[0].labels[0]']],
    ['a label twice', `${newMetric}    labels: [outcome, outcome]`, ['6 metrics[0].labels[1]']],
    [
      'a metric twice',
      `${newMetric}  - name: shop_orders\n    kind: counter\n    unit: s\n    signal: traffic`,
      ['6 metrics[1].name'],
    ],
    [
      'another kind of a built-in metric',
      'metrics:\n  - name: process.uptime\n    kind: counter',
      ['3 metrics[0].kind'],
    ],
    ['another unit of a built-in metric', 'metrics:\n  - name: process.uptime\n    unit: ms', ['3 metrics[0].unit']],
    ['a metric that is an alias', `${newMetric.replace('shop_orders', 'http.server.duration')}`, ['2 metrics[0].name']],
    [
      'an alias that is a metric',
      `${newMetric}    aliases: [{ name: process.uptime }]`,
      ['6 metrics[0].aliases[0].name'],
    ],
    [
      'an alias of another metric',
      `${newMetric}    aliases: [{ name: http.server.duration }]`,
      ['6 metrics[0].aliases[0].name'],
    ],
    ['an alias twice', `${newMetric}    aliases:\n      - name: a\n      - name: a`, ['8 metrics[0].aliases[1].name']],
    [
      'a unit that cannot be turned',
      `${newMetric}    aliases: [{ name: a, unit: ms }]`,
      ['6 metrics[0].aliases[0].unit'],
    ],
    ['a factor of 0', `${newMetric}    aliases: [{ name: a, factor: 0 }]`, ['6 metrics[0].aliases[0].factor']],
    [
      'a fixed label it does not keep',
      `${newMetric}    aliases: [{ name: a, labels: { quality: good } }]`,
      ['6 metrics[0].aliases[0].labels.quality'],
    ],
    [
      'a fixed value that is none',
      `${newMetric}    labels: [outcome]\n    aliases: [{ name: a, labels: { outcome: good } }]`,
      ['7 metrics[0].aliases[0].labels.outcome'],
    ],
    [
      'a selector without a condition',
      `${newMetric}    aliases: [{ name: a, where: [{ key: b }] }]`,
      ['6 metrics[0].aliases[0].where[0]'],
    ],
    [
      'a selector on what is forbidden',
      `${newMetric}    aliases: [{ name: a, where: [{ key: user.id, present: true }] }]`,
      ['6 metrics[0].aliases[0].where[0].key'],
    ],
    [
      'a name with an id in it',
      `${newMetric.replace('shop_orders', 'shop/175928847299117063')}`,
      ['2 metrics[0].name'],
    ],
    [
      'a description with a person in it',
      `${newMetric}    description: ask ada@shop.example`,
      ['6 metrics[0].description'],
    ],
    ['a probe route without a slash', 'probe_routes: [/a, ping]', ['1 probe_routes[1]']],
    ['a service without conditions', 'services:\n  - id: shop\n    name: Shop', ['2 services[0]']],
    ['a service twice', 'services:\n  - id: s3\n  - id: s3', ['3 services[1].id']],
    [
      'a condition of no type',
      'services:\n  - id: s3\n    conditions:\n      - type: alive',
      ['4 services[0].conditions[0].type'],
    ],
    [
      'a condition on no metric',
      'services:\n  - id: s3\n    conditions:\n      - { type: fresh, metric: nope }',
      ['4 services[0].conditions[0].metric'],
    ],
    [
      'a threshold that is none',
      'services:\n  - id: s3\n    conditions:\n      - { type: threshold, threshold: NOPE }',
      ['4 services[0].conditions[0].threshold'],
    ],
    ['an empty list of services', 'services: []', ['1 services']],
    ['a Valkey without words', 'valkey: {}', ['1 valkey.used_for']],
  ])('%s', (_name, source, expected) => {
    expect(problemsOf(source)).toEqual(expected);
  });

  it('all at once, in the order of their lines', () => {
    expect(problemsOf(`${newMetric}    labels: [region, user.id]\nvalkey: { used_for: ask ada@shop.example }`)).toEqual(
      ['6 metrics[0].labels[0]', '6 metrics[0].labels[1]', '7 valkey.used_for'],
    );
  });

  it('up to its bounds and not beyond', () => {
    const metrics = (count: number): string =>
      `metrics:\n${Array.from({ length: count }, (_, index) => `  - { name: a${index}, kind: counter, unit: s, signal: traffic }\n`).join('')}`;
    expect(parseContractFile(metrics(maxFileMetrics)).isValid).toBe(true);
    expect(problemsOf(metrics(maxFileMetrics + 1))).toEqual(['1 metrics']);
    const aliases = (count: number): string =>
      `${newMetric}    aliases:\n${Array.from({ length: count }, (_, index) => `      - name: a${index}\n`).join('')}`;
    expect(parseContractFile(aliases(maxAliases)).isValid).toBe(true);
    expect(problemsOf(aliases(maxAliases + 1))).toEqual(['6 metrics[0].aliases']);
    expect(problemsOf(`#${'x'.repeat(maxFileBytes)}`)).toEqual(['1 ']);
  });

  it('a bomb of anchors is refused, not unfolded', () => {
    const layers = Array.from({ length: 9 }, (_, index) => {
      const items = Array.from({ length: 9 }, () => (index === 0 ? 'x' : `*a${index - 1}`));
      return `a${index}: &a${index} [${items.join(', ')}]`;
    });
    expect(problemsOf(layers.join('\n'))).toEqual(['1 ']);
  });
});
