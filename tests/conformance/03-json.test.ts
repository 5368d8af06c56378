import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Json, log, logsJson, named, span, spansJson, time } from './jsonRequests.ts';
import { storedLogs, storedRows, storedSpans } from './rows.ts';
import { accepted, sendJson } from './send.ts';
import { openStage, type Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterEach(() => stage.clear());
afterAll(() => stage.close());

const sendLogs = (...records: readonly (Json | string)[]) => sendJson(stage, 'logs', logsJson(...records));
const undecodable = { httpStatus: 400, grpcCode: 3 };

describe('vector json-lowercamel-only', () => {
  it('a snake_case name is an unknown field: ignored, no error', async () => {
    const snake = { severity_number: 21, event_name: 'snake', dropped_attributes_count: 1, trace_id: 'zz' };
    expect(await sendLogs({ ...snake, ...log })).toMatchObject(accepted);
    expect(await storedLogs(stage.sql)).toMatchObject([{ level: 'ERROR', event: '', trace_id: null }]);
    expect(await sendJson(stage, 'logs', { resource_logs: 'not even a list' })).toMatchObject(accepted);
    expect(await storedRows(stage.sql)).toBe(1);
  });
});

describe('vector json-enum-name', () => {
  it('"SPAN_KIND_SERVER" is a 400: enums are integers only', async () => {
    expect(await sendJson(stage, 'traces', spansJson({ ...span, kind: 'SPAN_KIND_SERVER' }))).toMatchObject(
      undecodable,
    );
    expect(await sendLogs({ ...log, severityNumber: 'SEVERITY_NUMBER_ERROR' })).toMatchObject(undecodable);
    const status = { code: 'STATUS_CODE_ERROR' };
    expect(await sendJson(stage, 'traces', spansJson({ ...span, status }))).toMatchObject(undecodable);
    expect(await storedRows(stage.sql)).toBe(0);
  });

  it('an integer that no name stands for yet is kept as it is', async () => {
    expect(await sendJson(stage, 'traces', spansJson({ ...span, kind: 99, status: { code: 2 } }))).toMatchObject(
      accepted,
    );
    expect(await storedSpans(stage.sql)).toMatchObject([{ is_error: true }]);
  });
});

describe('vector json-unknown-field', () => {
  it('is ignored at every level, whatever it holds', async () => {
    expect(await sendJson(stage, 'metrics', '{"resourceMetrics":[],"x":{"y":[1]}}')).toMatchObject(accepted);
    const x = { x: { y: [1, { z: null }] }, '': [], __proto__: null };
    const body = {
      ...x,
      resourceLogs: [
        { ...x, resource: { ...named('json'), ...x }, scopeLogs: [{ ...x, scope: x, logRecords: [{ ...log, ...x }] }] },
      ],
    };
    expect(await sendJson(stage, 'logs', body)).toMatchObject(accepted);
    expect(await storedLogs(stage.sql)).toMatchObject([{ service: 'json', message: 'failed' }]);
  });
});

describe('null and what is missing', () => {
  it('null is absent, at every level', async () => {
    const everywhere = { ...log, traceId: null, spanId: null, attributes: null, flags: null, eventName: null };
    expect(await sendLogs(everywhere, 'null')).toMatchObject(accepted);
    for (const body of [
      '{"resourceLogs":null}',
      '{"resourceLogs":[null]}',
      '{"resourceLogs":[{"scopeLogs":null}]}',
      '{"resourceLogs":[{"resource":null,"scopeLogs":[{"scope":null,"logRecords":null}]}]}',
    ])
      expect(await sendJson(stage, 'logs', body)).toMatchObject(accepted);
    expect(await storedLogs(stage.sql)).toMatchObject([
      { message: 'failed', trace_id: null, span_id: null, attrs: {} },
    ]);
  });

  it('what is missing has its default', async () => {
    expect(await sendLogs({ timeUnixNano: time, severityText: 'ERROR' })).toMatchObject(accepted);
    expect(await storedLogs(stage.sql)).toMatchObject([{ level: 'ERROR', message: '', event: '', trace_id: null }]);
    // Without a kind it is no server's span, without a parent it is a root.
    const { kind: _kind, ...bare } = span;
    expect(await sendJson(stage, 'traces', spansJson(bare))).toMatchObject(accepted);
    expect(await storedSpans(stage.sql)).toMatchObject([{ span_name: '', is_error: false, duration_ms: 0 }]);
  });
});

describe('bytes', () => {
  it('trace and span ids are hexadecimal in either case', async () => {
    const upper = { traceId: '5B8EFFF798038103D269B633813FC60C', spanId: 'EEE19B7EC3C1B174' };
    expect(await sendLogs({ ...log, ...upper })).toMatchObject(accepted);
    expect(await sendJson(stage, 'traces', spansJson(span, { ...span, ...upper }))).toMatchObject(accepted);
    const ids = { trace_id: span.traceId, span_id: span.spanId };
    expect(await storedLogs(stage.sql)).toMatchObject([ids]);
    // One and the same span.
    expect(await storedSpans(stage.sql)).toMatchObject([ids]);
  });

  it.each([
    ['base64 of 16 bytes', 'W47/95gDgQPSabYzgT/GDA=='],
    ['no digits', 'zz8efff798038103d269b633813fc60c'],
    ['half a digit', '5b8efff798038103d269b633813fc60'],
  ])('a trace id of %s is a 400', async (_what, traceId) => {
    expect(await sendLogs({ ...log, traceId })).toMatchObject(undecodable);
  });

  it('other bytes are base64, also URL-safe and without padding', async () => {
    const values = ['+/8=', '-_8=', '+/8', '-_8'];
    for (const [index, bytesValue] of values.entries())
      expect(await sendLogs({ ...log, observedTimeUnixNano: index, body: { bytesValue } })).toMatchObject(accepted);
    const rows = await storedLogs(stage.sql);
    expect(rows.map(({ message }) => message)).toEqual(values.map(() => '+/8='));
    expect(await sendLogs({ ...log, body: { bytesValue: '*' } })).toMatchObject(undecodable);
  });
});

describe('duplicate keys', () => {
  it.each([
    ['a field', `{"timeUnixNano":"1","timeUnixNano":"${time}","severityNumber":9,"severityNumber":17}`],
    [
      'both kinds of a value',
      `{"timeUnixNano":"${time}","severityNumber":17,"body":{"stringValue":"a","intValue":"1","stringValue":"b"}}`,
    ],
    ['__proto__', `{"timeUnixNano":"${time}","severityNumber":17,"__proto__":{"x":1},"__proto__":null}`],
    [
      'an attribute',
      `{"timeUnixNano":"${time}","severityNumber":17,"attributes":[{"key":"a","key":"request_id","value":{"stringValue":"1"}},{"key":"request_id","value":{"stringValue":"2"}}]}`,
    ],
  ])('%s twice never throws', async (_what, record) => {
    expect(await sendLogs(record)).toMatchObject(accepted);
    expect(await storedLogs(stage.sql)).toMatchObject([{ level: 'ERROR' }]);
  });

  it('the envelope twice does not either', async () => {
    const once = logsJson(log);
    expect(await sendJson(stage, 'logs', `${once.slice(0, -1)},${once.slice(1)}`)).toMatchObject(accepted);
    expect(await storedRows(stage.sql)).toBe(1);
  });
});

describe('what is no JSON of the request', () => {
  it.each([
    '{',
    '[]',
    '"x"',
    '1',
    'null',
    'true',
    '{"resourceLogs":{}}',
    '{"resourceLogs":[1]}',
    '\ufeff',
    "{'resourceLogs':[]}",
    '{}{}',
  ])('%s is a 400', async (body) => {
    expect(await sendJson(stage, 'logs', body)).toMatchObject(undecodable);
  });

  it('ten thousand levels of nesting are a 400 or empty, and never the end of the process', async () => {
    const nested = (depth: number): string => `${'{"arrayValue":{"values":['.repeat(depth)}${']}}'.repeat(depth)}`;
    const deep = await sendLogs(`{"timeUnixNano":"${time}","severityNumber":17,"body":${nested(10_000)}}`);
    expect([200, 400]).toContain(deep.httpStatus);
    expect(await sendLogs(log)).toMatchObject(accepted);
  });
});
