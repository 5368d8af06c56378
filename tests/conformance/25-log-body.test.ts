import { encodeJson } from '@command-center/sidecar/decode/testing/encodeJson';
import { encodeProtobuf } from '@command-center/sidecar/decode/testing/encodeProtobuf';
import type { BareLog } from '@command-center/sidecar/decode/testing/trees';
import { jsonType, protobufType } from '@command-center/sidecar/receive/testing/httpSender';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { attributes, logsOf, secondsAgo } from './requests.ts';
import { intake, type StoredLog, storedLogs } from './rows.ts';
import { accepted, doors, send, sendGrpc, sendHttp } from './send.ts';
import { openStage, type Stage } from './stage.ts';

/** Of a stored message, in UTF-8 (contract.md §2). */
const MAX_MESSAGE_BYTES = 2_048;

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterEach(() => stage.clear());
afterAll(() => stage.close());

const timeUnixNano = secondsAgo(60);
/** Sends one record through every door: as it is the same one, it must be one row. */
async function stored(record: Partial<BareLog>): Promise<StoredLog> {
  for (const door of doors)
    expect(await send(stage, door, 'logs', logsOf('body', [{ timeUnixNano, ...record }]))).toMatchObject(accepted);
  const [row, ...others] = await storedLogs(stage.sql);
  if (row === undefined) throw new Error('not stored');
  expect(others).toEqual([]);
  return row;
}

describe('the body of a log record is any value (logs data model, "Body")', () => {
  it.each([
    ['a string', 'the disk is full', 'the disk is full'],
    ['an integer', 42n, '42'],
    ['a negative integer', -7n, '-7'],
    ['a double', 1.5, '1.5'],
    ['true', true, 'true'],
    ['false', false, 'false'],
    ['bytes: base64', Uint8Array.of(0xfb, 0xff), '+/8='],
    ['no bytes', new Uint8Array(), ''],
    ['an array: JSON', ['a', 1n, true, 1.5, undefined], '["a",1,true,1.5,null]'],
    ['an empty array', [], '[]'],
    ['arrays in arrays', [['a'], [[1n]]], '[["a"],[[1]]]'],
    ['nothing', undefined, ''],
    ['an empty string', '', ''],
  ])('%s', async (_what, body, message) => {
    expect(await stored({ body })).toMatchObject({ level: 'ERROR', message });
  });

  const list = (values: Readonly<Record<string, string | bigint>>) => ({ entries: attributes(values) });

  it.each([
    ['message', list({ msg: 'two', message: 'one' }), 'one'],
    ['msg', list({ msg: 'two' }), 'two'],
    ['neither', list({ request_id: 'r' }), ''],
    ['a message that is no string', list({ message: 3n }), '3'],
  ])('of a key-value list the message is %s', async (_what, body, message) => {
    expect(await stored({ body })).toMatchObject({ message });
  });

  it('and the rest of a key-value list is allowlisted, as attributes are', async () => {
    const body = list({ message: 'one', request_id: 'from body', target: 'tables', 'user.id': '42', shoe_size: 44n });
    const row = await stored({ body, attributes: attributes({ request_id: 'from record' }) });
    // The record's own attribute counts where both have one.
    expect(row.attrs).toEqual({ request_id: 'from record', target: 'tables' });
    expect(await intake(stage.sql, 'logs')).toMatchObject({
      'dropped forbidden_key user.id': doors.length,
      'dropped attribute_dropped shoe_size': doors.length,
    });
  });

  it('of 100 KB it is cut, at most 2 KB are stored, and that is noted', async () => {
    const words = 'the disk is full and nothing more can be written to it; '.repeat(1_800);
    const row = await stored({ body: words });
    expect(Buffer.byteLength(row.message)).toBeLessThanOrEqual(MAX_MESSAGE_BYTES);
    expect(Buffer.byteLength(row.message)).toBeGreaterThan(MAX_MESSAGE_BYTES / 2);
    expect(words.startsWith(row.message.replace(/…$/, ''))).toBe(true);
    expect(await intake(stage.sql, 'logs')).toMatchObject({ 'noted text_cut message': doors.length });
  });

  it('of 100 KB without a space, in letters of several bytes, it is cut too', async () => {
    const row = await stored({ body: 'ü'.repeat(50_000) });
    expect(Buffer.byteLength(row.message)).toBeLessThanOrEqual(MAX_MESSAGE_BYTES);
    expect(row.message).not.toContain('\ufffd');
  });
});

describe('what Postgres cannot store as it is', () => {
  it('U+0000 is legal in OTLP: the record is stored without it, wherever it stands', async () => {
    const row = await stored({
      body: 'a\u0000b',
      eventName: 'e\u0000v',
      attributes: attributes({ request_id: 'r\u0000', 'exception.type': '\u0000E' }),
    });
    expect(row).toMatchObject({ level: 'ERROR' });
    expect(JSON.stringify(row)).not.toContain('\\u0000');
    expect([row.message.replace(/[^ab]/g, ''), row.event.replace(/[^ev]/g, '')]).toEqual(['ab', 'ev']);
  });

  it('U+0000 in the name of a service', async () => {
    for (const door of doors)
      expect(await send(stage, door, 'logs', logsOf('zero\u0000', [{ timeUnixNano }]))).toMatchObject(accepted);
    expect(await storedLogs(stage.sql)).toHaveLength(1);
  });

  it.each([
    ['protobuf', Buffer.from(encodeProtobuf('logs', logsOf('utf8', [{ timeUnixNano, body: 'aBCDEz' }]))), protobufType],
    ['JSON', Buffer.from(encodeJson('logs', logsOf('utf8', [{ timeUnixNano, body: 'aBCDEz' }]))), jsonType],
  ])('invalid UTF-8 in %s costs its letters, not the record', async (format, bytes, type) => {
    const at = bytes.indexOf('BCDE');
    bytes.set([0xff, 0xfe, 0xc0, 0x80], at);
    const answer = format === 'JSON' ? sendHttp(stage, 'logs', bytes, type) : sendGrpc(stage, 'logs', bytes);
    expect(await answer).toMatchObject(accepted);
    const [row] = await storedLogs(stage.sql);
    expect(row?.message).toMatch(/^a\ufffd+z$/);
  });

  it('half a surrogate pair in JSON costs its letter', async () => {
    const json = encodeJson('logs', logsOf('surrogate', [{ body: 'aXz' }])).replace('aXz', 'a\\ud800z');
    expect(await sendHttp(stage, 'logs', json, jsonType)).toMatchObject(accepted);
    expect(await storedLogs(stage.sql)).toMatchObject([{ message: 'a\ufffdz' }]);
  });
});

describe('vector identical-logs', () => {
  it.each(doors)(
    'two equal records in one request are two rows, and the request sent again still two, over %s',
    async (door) => {
      const tree = logsOf('identical', [{ timeUnixNano }, { timeUnixNano }]);
      for (const rows of [2, 2]) {
        expect(await send(stage, door, 'logs', tree)).toMatchObject(accepted);
        expect(await storedLogs(stage.sql)).toHaveLength(rows);
      }
      expect(await intake(stage.sql, 'logs')).toEqual({ received: 4, stored: 2, 'noted duplicate': 2 });
    },
  );
});

describe('records that are equal to the nanosecond in different requests', () => {
  it('are one row: no one can tell them from a retry', async () => {
    const other = { timeUnixNano, body: 'other' };
    const requests = [[{ timeUnixNano }], [other, { timeUnixNano }], [{ timeUnixNano }, { ...other, body: 'third' }]];
    for (const records of requests)
      expect(await send(stage, 'gRPC', 'logs', logsOf('equal', records))).toMatchObject(accepted);
    expect((await storedLogs(stage.sql)).map(({ message }) => message).sort()).toEqual(['failed', 'other', 'third']);
  });

  it.each([
    ['a nanosecond', { timeUnixNano: timeUnixNano + 1n }],
    ['a letter of the body', { body: 'Failed' }],
    ['the type of the body', { body: Uint8Array.from(Buffer.from('failed')) }],
    ['an attribute that is not even kept', { attributes: attributes({ 'thread.id': 2n }) }],
    ['the trace', { traceId: Uint8Array.from({ length: 16 }, () => 7) }],
  ])('%s apart they are two', async (_what, difference) => {
    for (const record of [{}, difference])
      expect(await send(stage, 'gRPC', 'logs', logsOf('apart', [{ timeUnixNano, ...record }]))).toMatchObject(accepted);
    expect(await storedLogs(stage.sql)).toHaveLength(2);
  });
});
