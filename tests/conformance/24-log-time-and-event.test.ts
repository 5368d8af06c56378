import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { attributes, logsOf, secondsAgo } from './requests.ts';
import { intake, storedLogs, storedRows } from './rows.ts';
import { accepted, doors, send, sendJson } from './send.ts';
import { openStage, type Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterEach(() => stage.clear());
afterAll(() => stage.close());

const dateOf = (unixNano: bigint): Date => new Date(Number(unixNano / 1_000_000n));

describe.each(doors)('the time of a log record over %s (logs data model, "Timestamp")', (door) => {
  const sendLogs = async (...records: Parameters<typeof logsOf>[1]) =>
    expect(await send(stage, door, 'logs', logsOf('times', records))).toMatchObject(accepted);

  it('is time_unix_nano', async () => {
    const timeUnixNano = secondsAgo(60) + 123_456_789n;
    await sendLogs({ timeUnixNano, observedTimeUnixNano: secondsAgo(1) });
    expect(await storedLogs(stage.sql)).toMatchObject([{ ts: dateOf(timeUnixNano) }]);
  });

  it('else observed_time_unix_nano', async () => {
    const observedTimeUnixNano = secondsAgo(90);
    await sendLogs({ timeUnixNano: 0n, observedTimeUnixNano });
    expect(await storedLogs(stage.sql)).toMatchObject([{ ts: dateOf(observedTimeUnixNano) }]);
    expect(await intake(stage.sql, 'logs')).toEqual({ received: 1, stored: 1 });
  });

  it('else its arrival: then stored at least once, and counted', async () => {
    const before = Date.now();
    const timeless = { timeUnixNano: 0n, observedTimeUnixNano: 0n };
    await sendLogs(timeless);
    const after = Date.now();
    const [row] = await storedLogs(stage.sql);
    expect(row?.ts.getTime()).toBeGreaterThanOrEqual(before);
    expect(row?.ts.getTime()).toBeLessThanOrEqual(after);
    // A retry arrives at another time, so that it cannot be told from another record: the documented exception.
    await expect.poll(() => Date.now()).toBeGreaterThan(after);
    await sendLogs(timeless);
    expect(await storedLogs(stage.sql)).toHaveLength(2);
    expect(await intake(stage.sql, 'logs')).toEqual({ received: 2, stored: 2, 'noted timeless': 2 });
  });

  it('with a time of its own a retry is stored once', async () => {
    const record = { timeUnixNano: 0n, observedTimeUnixNano: secondsAgo(90) };
    await sendLogs(record);
    await sendLogs(record);
    expect(await storedRows(stage.sql)).toBe(1);
  });
});

describe('the event of a log record (logs data model, "EventName")', () => {
  const all = { eventName: 'own.name', attributes: attributes({ event: 'by.event', 'event.name': 'by.event.name' }) };
  it.each([
    ['event_name', all, 'own.name'],
    ['the attribute event.name', { ...all, eventName: '' }, 'by.event.name'],
    ['the attribute event', { attributes: attributes({ event: 'by.event' }) }, 'by.event'],
    ['the name of the scope', {}, 'the.scope'],
    ['the name of the scope where the attribute is empty', { attributes: attributes({ event: '' }) }, 'the.scope'],
  ])('is %s', async (_what, record, event) => {
    for (const door of doors)
      expect(await send(stage, door, 'logs', logsOf('events', [record], 'the.scope'))).toMatchObject(accepted);
    expect((await storedLogs(stage.sql)).map((row) => row.event)).toContain(event);
    const kept = await storedLogs(stage.sql);
    // Read for the column, and not kept beside it.
    for (const { attrs } of kept) expect(attrs).toEqual({});
  });

  it('is empty where there is none of them', async () => {
    expect(await send(stage, 'gRPC', 'logs', logsOf('events', [{}], ''))).toMatchObject(accepted);
    expect(await storedLogs(stage.sql)).toMatchObject([{ event: '' }]);
  });
});

describe('vector proto-example-events', () => {
  const example = (timeUnixNano: string, severityNumber: number) => ({
    resourceLogs: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: 'my.service' } }] },
        scopeLogs: [
          {
            scope: {},
            logRecords: [
              {
                timeUnixNano,
                observedTimeUnixNano: timeUnixNano,
                severityNumber,
                eventName: 'browser.page_view',
                body: {
                  kvlistValue: {
                    values: [
                      { key: 'type', value: { intValue: '0' } },
                      { key: 'request_id', value: { stringValue: 'page-view' } },
                      { key: 'duration_ms', value: { intValue: '0' } },
                    ],
                  },
                },
                attributes: [],
              },
            ],
          },
        ],
      },
    ],
  });

  it('severity 9 is dropped and counted', async () => {
    expect(await sendJson(stage, 'logs', example(String(secondsAgo(60)), 9))).toMatchObject(accepted);
    expect(await intake(stage.sql, 'logs')).toEqual({ received: 1, 'dropped below_warn': 1 });
    expect(await storedRows(stage.sql)).toBe(0);
  });

  it('as a WARN it is stored under its event name, the zero of its body included', async () => {
    expect(await sendJson(stage, 'logs', example(String(secondsAgo(60)), 13))).toMatchObject(accepted);
    expect(await storedLogs(stage.sql)).toMatchObject([
      { level: 'WARN', event: 'browser.page_view', message: '', attrs: { request_id: 'page-view', duration_ms: 0 } },
    ]);
  });
});
