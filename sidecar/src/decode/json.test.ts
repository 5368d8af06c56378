import { describe, expect, it } from 'vitest';
import { MAX_VALUE_DEPTH } from '../limits.ts';
import { DecodeError } from './decodeError.ts';
import { decodeJson } from './json.ts';
import type { LogRecord, Point, Signal, Span } from './records.ts';

const decodeText = (signal: Signal, text: string) => decodeJson(signal, Buffer.from(text));
const metricsText = (metric: string) => `{"resourceMetrics":[{"scopeMetrics":[{"metrics":[${metric}]}]}]}`;
const gaugeText = (point: string) => metricsText(`{"name":"g","gauge":{"dataPoints":[${point}]}}`);

function pointsOf(text: string): readonly Point[] {
  const request = decodeText('metrics', text);
  return request.signal === 'metrics' ? [...request.records] : [];
}

function logOf(log: string): LogRecord | undefined {
  const request = decodeText('logs', `{"resourceLogs":[{"scopeLogs":[{"logRecords":[${log}]}]}]}`);
  return request.signal === 'logs' ? request.records[0] : undefined;
}

function spanOf(span: string): Span | undefined {
  const request = decodeText('traces', `{"resourceSpans":[{"scopeSpans":[{"spans":[${span}]}]}]}`);
  return request.signal === 'traces' ? request.records[0] : undefined;
}

describe('JSON Protobuf Encoding (OTLP 1.11)', () => {
  it('reads zero bytes, {} and empty envelopes as empty requests', () => {
    for (const text of [
      '',
      '{}',
      '{"resourceLogs":null}',
      '{"resourceLogs":[]}',
      '{"resourceLogs":[{}]}',
      '{"resourceLogs":[{"scopeLogs":[{"logRecords":[]}]}]}',
    ]) {
      expect(decodeText('logs', text)).toEqual({ signal: 'logs', records: [], spoiled: [], values: 0 });
    }
  });

  it('knows lowerCamelCase names only, ignores unknown fields, and takes the last of duplicate keys', () => {
    expect(logOf('{"severity_number":17,"x":{"y":[1]},"severityText":"a","severityText":"b"}')).toMatchObject({
      severityNumber: 0,
      severityText: 'b',
    });
    expect(logOf('{"__proto__":{"severityNumber":17},"constructor":1}')).toMatchObject({ severityNumber: 0 });
  });

  it('reads null as absent', () => {
    expect(
      logOf('{"body":null,"attributes":null,"timeUnixNano":null,"traceId":null,"severityText":null,"flags":null}'),
    ).toMatchObject({
      body: undefined,
      attributes: [],
      timeUnixNano: 0n,
      traceId: new Uint8Array(),
      severityText: '',
      flags: 0,
    });
  });

  it('reads ids as hexadecimal in either case, of any length', () => {
    expect(
      spanOf('{"traceId":"5B8EFFF798038103D269B633813FC60C","spanId":"eee19b7ec3c1b174","parentSpanId":""}'),
    ).toMatchObject({
      traceId: new Uint8Array(Buffer.from('5b8efff798038103d269b633813fc60c', 'hex')),
      spanId: new Uint8Array(Buffer.from('eee19b7ec3c1b174', 'hex')),
      parentSpanId: new Uint8Array(),
    });
    expect(spanOf('{"spanId":"ab"}')?.spanId).toEqual(Uint8Array.of(0xab));
  });

  it('reads other bytes as base64, URL-safe and without padding too', () => {
    for (const text of ['+/+/AA==', '+/+/AA', '-_-_AA']) {
      expect(logOf(`{"body":{"bytesValue":"${text}"}}`)?.body).toEqual(Uint8Array.of(0xfb, 0xff, 0xbf, 0));
    }
  });

  it('reads integers as numbers and strings, exact also as bare numbers above 2^53', () => {
    const time = '1760000000123456789';
    for (const written of [time, `"${time}"`]) {
      const [point] = pointsOf(gaugeText(`{"timeUnixNano":${written},"asInt":"42"}`));
      expect(point).toMatchObject({ timeUnixNano: BigInt(time), value: 42 });
    }
    expect(logOf('{"body":{"intValue":-9223372036854775808}}')?.body).toBe(-(2n ** 63n));
    expect(logOf('{"body":{"intValue":1.0},"severityNumber":"9"}')).toMatchObject({ body: 1n, severityNumber: 9 });
    expect(logOf('{"body":{"stringValue":"at 1760000000123456789"},"timeUnixNano":1e3}')).toMatchObject({
      body: 'at 1760000000123456789',
      timeUnixNano: 1000n,
    });
  });

  it('keeps int and double apart in attribute values', () => {
    const log = logOf(
      '{"attributes":[{"key":"a","value":{"intValue":"1"}},{"key":"b","value":{"doubleValue":1}},{"key":"c","value":{"boolValue":false}},{"key":"d","value":{}},{"key":"e"}]}',
    );
    expect(log?.attributes.map(({ value }) => value)).toEqual([1n, 1, false, undefined, undefined]);
  });

  it('reads doubles as numbers, numeric strings, "NaN", "Infinity" and "-Infinity"', () => {
    const readDouble = (written: string) => {
      const [point] = pointsOf(gaugeText(`{"asDouble":${written}}`));
      return point?.type === 'number' ? point.value : 'no number';
    };
    expect(
      ['1.5', '"1.5"', '"-2e3"', '"NaN"', '"Infinity"', '"-Infinity"', '18446744073709551616'].map(readDouble),
    ).toEqual([1.5, 1.5, -2000, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 2 ** 64]);
  });

  it('reads a double that JSON turned into null as a point without value', () => {
    expect(pointsOf(gaugeText('{"asDouble":null},{"asDouble":2}'))).toMatchObject([{ value: undefined }, { value: 2 }]);
  });

  it('lets an integer out of range spoil its record alone, and says which', () => {
    const request = decodeText(
      'metrics',
      metricsText(
        '{"histogram":{"dataPoints":[{"count":"-1"},{"count":"18446744073709551616"},{"count":1,"bucketCounts":["1"]}]}}',
      ),
    );
    const at = 'resourceMetrics[0].scopeMetrics[0].metrics[0].dataPoints';
    expect([...request.records]).toMatchObject([{ count: 1, bucketCounts: [1] }]);
    expect(request.spoiled).toEqual([
      { reason: 'number_out_of_range', where: `${at}[0].count` },
      { reason: 'number_out_of_range', where: `${at}[1].count` },
    ]);
    for (const flags of ['-1', '4294967296', '1e30', '"999999999999999999999999999999999999999999999999"', '1e999']) {
      expect(decodeText('metrics', gaugeText(`{"flags":${flags}}`)).spoiled).toHaveLength(1);
    }
  });

  it('lets an integer out of range in a resource or scope spoil the records below it, and no others', () => {
    const huge = '"attributes":[{"key":"a","value":{"intValue":"9223372036854775808"}}]';
    const text = `{"resourceLogs":[
      {"resource":{${huge}},"scopeLogs":[{"logRecords":[{},{}]}]},
      {"scopeLogs":[{"scope":{${huge}},"logRecords":[{}]},{"logRecords":[{"severityNumber":9}]}]}]}`;
    const request = decodeText('logs', text);
    expect(request.spoiled.map(({ where }) => where)).toEqual([
      'resourceLogs[0].scopeLogs[0].logRecords[0].resource.attributes',
      'resourceLogs[0].scopeLogs[0].logRecords[1].resource.attributes',
      'resourceLogs[1].scopeLogs[0].logRecords[0].scope.attributes',
    ]);
    expect(request.records).toMatchObject([{ severityNumber: 9 }]);
  });

  it('refuses what is not JSON or has another type than its field, and names no value', () => {
    const secrets: [Signal, string][] = [
      ['logs', '{"secret'],
      ['logs', '"secret"'],
      ['logs', '[]'],
      ['logs', 'null'],
      ['logs', '{"resourceLogs":{"secret":1}}'],
      ['logs', '{"resourceLogs":["secret"]}'],
      ['traces', '{"resourceSpans":[{"scopeSpans":[{"spans":[{"kind":"SPAN_KIND_secret"}]}]}]}'],
      ['traces', '{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"secret"}]}]}]}'],
      ['traces', '{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":{"secret":1}}]}]}]}'],
      ['metrics', gaugeText('{"asDouble":"secret"}')],
      ['metrics', gaugeText('{"asInt":1.5}')],
      ['metrics', gaugeText('{"asInt":true}')],
      ['metrics', gaugeText('{"timeUnixNano":""}')],
      ['metrics', metricsText('{"sum":{"isMonotonic":"secret"}}')],
      ['metrics', metricsText('{"sum":{"aggregationTemporality":"AGGREGATION_TEMPORALITY_secret"}}')],
      ['logs', '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":"secret"}]}]}]}'],
      ['logs', '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"bytesValue":"!secret"}}]}]}]}'],
    ];
    for (const [signal, text] of secrets) {
      let error: unknown;
      try {
        decodeText(signal, text);
      } catch (thrown) {
        error = thrown;
      }
      expect([text, error]).toEqual([text, expect.any(DecodeError)]);
      expect(error instanceof DecodeError ? error.message : 'secret').not.toContain('secret');
    }
  });

  it('replaces lone surrogates and invalid UTF-8', () => {
    expect(logOf('{"severityText":"a\\ud800b"}')?.severityText).toBe('a\ufffdb');
    const bytes = Buffer.concat([
      Buffer.from('{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"eventName":"'),
      Buffer.of(0xff),
      Buffer.from('"}]}]}]}'),
    ]);
    expect(decodeJson('logs', bytes).records).toMatchObject([{ eventName: '\ufffd' }]);
  });

  it(`reads values nested ${MAX_VALUE_DEPTH} deep, one deeper as empty, and answers any depth`, () => {
    const nested = (depth: number, inner = '{"stringValue":"bottom"}') =>
      `${'{"arrayValue":{"values":['.repeat(depth)}${inner}${']}}'.repeat(depth)}`;
    const bodyOf = (depth: number) => JSON.stringify(logOf(`{"body":${nested(depth)}}`)?.body);
    expect(bodyOf(MAX_VALUE_DEPTH)).toContain('bottom');
    expect(bodyOf(MAX_VALUE_DEPTH + 1)).not.toContain('bottom');
    // The long integer takes the slower parse, which is recursive.
    const deep = `{"timeUnixNano":1760000000123456789,"body":${nested(200_000)}}`;
    let answer: unknown;
    try {
      answer = logOf(deep);
    } catch (error) {
      answer = error;
    }
    expect(answer instanceof DecodeError || (typeof answer === 'object' && answer !== null && 'body' in answer)).toBe(
      true,
    );
  });
});
