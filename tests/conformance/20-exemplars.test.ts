import { catalogue } from '@command-center/contract/catalogue/catalogue';
import { Message } from '@command-center/sidecar/decode/testing/encodeProtobuf';
import { jsonType, protobufType } from '@command-center/sidecar/receive/testing/httpSender';
import { describe, expect, it } from 'vitest';
import { minutesOf } from './metricRows.ts';
import { useMetricStage } from './metricStage.ts';
import { additiveName, at, counterName, histogramName } from './metrics.ts';
import { hexOf, idOf } from './requests.ts';
import { sendHttp } from './send.ts';

const stage = useMetricStage();

/** An exemplar's attributes are those that a view filtered out: what no one wanted to keep. */
const KEY = 'app.jane.cookie';
const SECRET = 'filtered-session-of-jane';
const traceId = idOf(16, 41);
const spanId = idOf(8, 91);

/** An exemplar as protobuf: field numbers from metrics.proto, Exemplar. */
function exemplar(message: Message, value: number): void {
  message
    .fixed64(2, at(5))
    .double(3, value)
    .bytes(4, spanId)
    .bytes(5, traceId)
    .child(7, (pair) => pair.text(1, KEY).child(2, (inner) => inner.text(1, SECRET)));
}

/** One metric of one service; `data` = the metric's oneof field, `exemplars` = the field of its points. */
function protobufOf(service: string, name: string, data: number, exemplars: number, value: (point: Message) => void) {
  const request = new Message().child(1, (resource) => {
    resource.child(1, (inner) =>
      inner.child(1, (pair) => pair.text(1, 'service.name').child(2, (any) => any.text(1, service))),
    );
    resource.child(2, (scope) =>
      scope.child(2, (metric) =>
        metric.text(1, name).child(data, (points) => {
          points.child(1, (point) => {
            point.fixed64(2, at(0)).fixed64(3, at(10));
            value(point);
            point.child(exemplars, (one) => exemplar(one, 1_000)).child(exemplars, (one) => exemplar(one, 2_000));
          });
          if (data !== 5) points.varint(2, 2n);
          if (data === 7) points.varint(3, 1n);
        }),
      ),
    );
  });
  return request.finish();
}

const kinds = [
  ['sum', counterName, 7, 5, (point: Message) => point.double(4, 3), { asDouble: 3 }],
  ['gauge', additiveName, 5, 5, (point: Message) => point.double(4, 3), { asDouble: 3 }],
  [
    'histogram',
    histogramName,
    9,
    8,
    (point: Message) =>
      point
        .fixed64(4, 3n)
        .double(5, 2)
        .child(6, (packed) => packed.fixed64s([3, 0]))
        .child(7, (packed) => packed.doubles([1])),
    { count: '3', sum: 2, bucketCounts: ['3', '0'], explicitBounds: [1] },
  ],
  [
    'exponentialHistogram',
    histogramName,
    10,
    11,
    (point: Message) => point.fixed64(4, 3n).double(5, 2).fixed64(7, 3n),
    { count: '3', sum: 2, zeroCount: '3' },
  ],
] as const;

function jsonOf(service: string, name: string, kind: string, value: object, exemplars: readonly object[]): string {
  const point = { startTimeUnixNano: String(at(0)), timeUnixNano: String(at(10)), ...value, exemplars };
  const temporality = kind === 'gauge' ? {} : { aggregationTemporality: 2 };
  const data = { dataPoints: [point], ...temporality, ...(kind === 'sum' ? { isMonotonic: true } : {}) };
  const attributes = [{ key: 'service.name', value: { stringValue: service } }];
  return JSON.stringify({
    resourceMetrics: [{ resource: { attributes }, scopeMetrics: [{ metrics: [{ name, [kind]: data }] }] }],
  });
}

const exemplarJson = (value: object = { asDouble: 1_000 }) => ({
  timeUnixNano: String(at(5)),
  spanId: hexOf(spanId),
  traceId: hexOf(traceId),
  filteredAttributes: [{ key: KEY, value: { stringValue: SECRET } }],
  ...value,
});

/** Whether any row of any table holds the text, plain or as bytes. */
async function tablesWith(text: string): Promise<string[]> {
  const tables = await stage.sql<{ name: string }[]>`
    SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'`;
  const hex = Buffer.from(text).toString('hex');
  const found = await Promise.all(
    tables.map(async ({ name }) => {
      const rows = await stage.sql`
        SELECT 1 FROM ${stage.sql(name)} AS t WHERE strpos(t::text, ${text}) > 0 OR strpos(t::text, ${hex}) > 0 LIMIT 1`;
      return rows.length > 0 ? [name] : [];
    }),
  );
  return found.flat();
}

const amountOf = async (service: string, name: string): Promise<(number | null)[]> =>
  (await minutesOf(stage.sql, service, name)).map((row) => row.count ?? row.last);

describe('exemplars are ignored: what they show is in the counts already (data model, "Exemplars")', () => {
  it.each(kinds)('of a %s, in both encodings', async (kind, name, data, exemplars, value, json) => {
    const protobuf = protobufOf(`${kind} protobuf`, name, data, exemplars, value);
    expect(await sendHttp(stage, 'metrics', protobuf, protobufType)).toMatchObject({ httpStatus: 200, rejected: 0 });
    expect(await amountOf(`${kind} protobuf`, name)).toEqual([3]);
    const body = jsonOf(`${kind} json`, name, kind, json, [exemplarJson(), exemplarJson({ asInt: '2000' })]);
    expect(await sendHttp(stage, 'metrics', body, jsonType)).toMatchObject({ httpStatus: 200, rejected: 0 });
    expect(await amountOf(`${kind} json`, name)).toEqual([3]);
  });

  it('nothing about an exemplar spoils its point', async () => {
    const odd = [
      {},
      exemplarJson({ asDouble: 'NaN' }),
      exemplarJson({ traceId: 'ab', spanId: '' }),
      exemplarJson({ timeUnixNano: '0' }),
    ];
    const body = jsonOf('odd', counterName, 'sum', { asDouble: 3 }, odd);
    expect(await sendHttp(stage, 'metrics', body, jsonType)).toMatchObject({ httpStatus: 200, rejected: 0 });
    expect(await amountOf('odd', counterName)).toEqual([3]);
  });

  it('it is no part of the point: the same point with another exemplar is a duplicate', async () => {
    for (const exemplars of [[], [exemplarJson()], [exemplarJson({ asDouble: 7 })]])
      await sendHttp(stage, 'metrics', jsonOf('again', counterName, 'sum', { asDouble: 3 }, exemplars), jsonType);
    expect(await amountOf('again', counterName)).toEqual([3]);
  });
});

describe('of an exemplar nothing is kept', () => {
  it('never its filtered attributes, in no table', async () => {
    // The search finds what is there.
    expect(await tablesWith('exponentialHistogram json')).toContain('telemetry_metric_series');
    expect(await tablesWith(SECRET)).toEqual([]);
    expect(await tablesWith(KEY)).toEqual([]);
  });

  it('nor its trace id: no entry of the contract asks for the link', async () => {
    expect(catalogue.filter((entry) => Object.keys(entry).some((key) => /exemplar|link|trace/i.test(key)))).toEqual([]);
    expect(await tablesWith(hexOf(traceId))).toEqual([]);
    expect(await tablesWith(Buffer.from(traceId).toString('latin1'))).toEqual([]);
  });
});
