import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { logsOf, secondsAgo } from './requests.ts';
import { intake, storedLogs, storedRows } from './rows.ts';
import { accepted, doors, send, sendJson } from './send.ts';
import { openStage, type Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterEach(() => stage.clear());
afterAll(() => stage.close());

/** Sends one record each and returns the stored levels in their order. */
async function levelsOf(severities: readonly { severityNumber: number; severityText: string }[]): Promise<string[]> {
  const first = secondsAgo(60);
  const records = severities.map((severity, index) => ({
    ...severity,
    timeUnixNano: first + BigInt(index) * 1_000_000n,
  }));
  expect(await send(stage, 'HTTP/protobuf', 'logs', logsOf('severity', records))).toMatchObject(accepted);
  return (await storedLogs(stage.sql)).map(({ level }) => level);
}
const numbered = (...numbers: readonly number[]) =>
  numbers.map((severityNumber) => ({ severityNumber, severityText: '' }));
const spelled = (...texts: readonly string[]) => texts.map((severityText) => ({ severityNumber: 0, severityText }));

describe('severity by number (logs data model, "SeverityNumber")', () => {
  it('13-16 are WARN', async () => {
    expect(await levelsOf(numbered(13, 14, 15, 16))).toEqual(['WARN', 'WARN', 'WARN', 'WARN']);
  });

  it('17-20 are ERROR', async () => {
    expect(await levelsOf(numbered(17, 18, 19, 20))).toEqual(['ERROR', 'ERROR', 'ERROR', 'ERROR']);
  });

  it('FATAL, 21-24, is stored as ERROR', async () => {
    expect(await levelsOf(numbered(21, 22, 23, 24))).toEqual(['ERROR', 'ERROR', 'ERROR', 'ERROR']);
  });

  it('and so is what lies above', async () => {
    expect(await levelsOf(numbered(25, 100, 2_147_483_647))).toEqual(['ERROR', 'ERROR', 'ERROR']);
  });

  it('1-12 are below WARN: not stored, and counted', async () => {
    expect(await levelsOf(numbered(...Array.from({ length: 12 }, (_, index) => index + 1)))).toEqual([]);
    expect(await intake(stage.sql, 'logs')).toEqual({ received: 12, 'dropped below_warn': 12 });
  });

  it('wins over the text', async () => {
    const both = [
      { severityNumber: 9, severityText: 'ERROR' },
      { severityNumber: 13, severityText: 'FATAL' },
      { severityNumber: 17, severityText: 'info' },
    ];
    expect(await levelsOf(both)).toEqual(['WARN', 'ERROR']);
  });

  it.each(doors)('is read over %s', async (door) => {
    const records = [13, 17, 9].map((severityNumber) => ({ severityNumber }));
    expect(await send(stage, door, 'logs', logsOf('severity', records))).toMatchObject(accepted);
    expect((await storedLogs(stage.sql)).map(({ level }) => level).sort()).toEqual(['ERROR', 'WARN']);
  });
});

describe('number 0: severity by text, without case', () => {
  it.each([
    ['WARN', ['warn', 'WARN', 'Warn', 'warning', 'WARNING', 'Warning', 'WARN2', ' warn ']],
    ['ERROR', ['error', 'ERROR', 'Error', 'err', 'ERR', 'ERROR3', 'fatal', 'FATAL4']],
    ['ERROR', ['crit', 'CRIT', 'critical', 'Critical', 'emerg', 'EMERG', 'alert', 'Alert', 'panic', 'PANIC']],
  ])('%s: %j', async (level, texts) => {
    expect(await levelsOf(spelled(...texts))).toEqual(texts.map(() => level));
  });

  it('spellings below WARN are dropped as such', async () => {
    expect(await levelsOf(spelled('info', 'INFO', 'Information', 'debug', 'trace', 'notice'))).toEqual([]);
    expect(await intake(stage.sql, 'logs')).toEqual({ received: 6, 'dropped below_warn': 6 });
  });
});

describe('neither number nor text', () => {
  it('is dropped and counted, and is no rejection', async () => {
    const unknown = spelled('', 'x', 'errorful', 'war', '17', 'e'.repeat(100_000), '\u0000error');
    expect(await levelsOf([...unknown, { severityNumber: -1, severityText: '' }])).toEqual([]);
    expect(await intake(stage.sql, 'logs')).toEqual({ received: 8, 'dropped unknown_severity': 8 });
  });
});

describe('vector proto-example-logs', () => {
  /** As opentelemetry-proto's example has it, field by field; the time and the severity are the test's. */
  const example = (timeUnixNano: string, severityNumber: number) => ({
    resourceLogs: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: 'my.service' } }] },
        scopeLogs: [
          {
            scope: {
              name: 'my.library',
              version: '1.0.0',
              attributes: [{ key: 'my.scope.attribute', value: { stringValue: 'some scope attribute' } }],
            },
            logRecords: [
              {
                timeUnixNano,
                observedTimeUnixNano: timeUnixNano,
                severityNumber,
                severityText: 'Information',
                traceId: '5B8EFFF798038103D269B633813FC60C',
                spanId: 'EEE19B7EC3C1B174',
                body: { stringValue: 'Example log record' },
                attributes: [
                  { key: 'request_id', value: { stringValue: 'some string' } },
                  { key: 'boolean.attribute', value: { boolValue: true } },
                  { key: 'duration_ms', value: { intValue: '10' } },
                  { key: 'double.attribute', value: { doubleValue: 637.704 } },
                  {
                    key: 'array.attribute',
                    value: { arrayValue: { values: [{ stringValue: 'many' }, { stringValue: 'values' }] } },
                  },
                  {
                    key: 'map.attribute',
                    value: { kvlistValue: { values: [{ key: 'some.map.key', value: { stringValue: 'some value' } }] } },
                  },
                ],
              },
            ],
          },
        ],
      },
    ],
  });

  it('as sent it is older than 30 days: rejected, and nothing stored', async () => {
    const answer = await sendJson(stage, 'logs', example('1544712660300000000', 10));
    expect(answer).toMatchObject({ httpStatus: 200, rejected: 1 });
    expect(await storedRows(stage.sql)).toBe(0);
  });

  it('sent now it is INFO: dropped, counted, and no partial success', async () => {
    expect(await sendJson(stage, 'logs', example(String(secondsAgo(60)), 10))).toMatchObject(accepted);
    expect(await storedRows(stage.sql)).toBe(0);
    expect(await intake(stage.sql, 'logs')).toEqual({ received: 1, 'dropped below_warn': 1 });
  });

  it('as an ERROR it is stored: ids in lower case, integers as strings, nested attributes read and left out', async () => {
    expect(await sendJson(stage, 'logs', example(String(secondsAgo(60)), 17))).toMatchObject(accepted);
    expect(await storedLogs(stage.sql)).toMatchObject([
      {
        service: 'my.service',
        event: 'my.library',
        message: 'Example log record',
        trace_id: '5b8efff798038103d269b633813fc60c',
        span_id: 'eee19b7ec3c1b174',
        attrs: { request_id: 'some string', duration_ms: 10 },
      },
    ]);
    expect(Object.keys((await storedLogs(stage.sql))[0]?.attrs ?? {}).sort()).toEqual(['duration_ms', 'request_id']);
  });
});
