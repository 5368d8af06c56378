import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { attributes, hexOf, idOf, logsOf } from './requests.ts';
import { intake, storedLogs } from './rows.ts';
import { accepted, doors, send } from './send.ts';
import { openStage, type Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterEach(() => stage.clear());
afterAll(() => stage.close());

describe.each(doors)('trace and span id over %s (W3C Trace Context, "trace-id", "parent-id")', (door) => {
  const sendLog = async (record: Parameters<typeof logsOf>[1][number]): Promise<void> =>
    expect(await send(stage, door, 'logs', logsOf('trace-context', [record]))).toMatchObject(accepted);

  it('of 16 and 8 bytes are kept', async () => {
    await sendLog({ traceId: idOf(16), spanId: idOf(8), flags: 1 });
    const ids = { trace_id: hexOf(idOf(16)), span_id: hexOf(idOf(8)), sampled: true };
    expect(await storedLogs(stage.sql)).toMatchObject([ids]);
    expect(await intake(stage.sql, 'logs')).toEqual({ received: 1, stored: 1 });
  });

  it('all zero are none, and nothing is wrong with that', async () => {
    await sendLog({ traceId: new Uint8Array(16), spanId: new Uint8Array(8) });
    expect(await storedLogs(stage.sql)).toMatchObject([{ trace_id: null, span_id: null }]);
    expect(await intake(stage.sql, 'logs')).toEqual({ received: 1, stored: 1 });
  });

  it('absent are none', async () => {
    await sendLog({});
    expect(await storedLogs(stage.sql)).toMatchObject([{ trace_id: null, span_id: null }]);
    expect(await intake(stage.sql, 'logs')).toEqual({ received: 1, stored: 1 });
  });

  it.each([1, 8, 15, 17, 32])(
    'a trace id of %d bytes is none and counted; the record and its span id stay',
    async (length) => {
      await sendLog({ traceId: idOf(length), spanId: idOf(8) });
      expect(await storedLogs(stage.sql)).toMatchObject([{ trace_id: null, span_id: hexOf(idOf(8)) }]);
      expect(await intake(stage.sql, 'logs')).toEqual({
        ...{ received: 1, stored: 1, 'noted invalid_trace_context trace_id': 1 },
      });
    },
  );

  it.each([1, 7, 9, 16])(
    'a span id of %d bytes is none and counted; the record and its trace id stay',
    async (length) => {
      await sendLog({ traceId: idOf(16), spanId: idOf(length) });
      expect(await storedLogs(stage.sql)).toMatchObject([{ trace_id: hexOf(idOf(16)), span_id: null }]);
      expect(await intake(stage.sql, 'logs')).toEqual({
        ...{ received: 1, stored: 1, 'noted invalid_trace_context span_id': 1 },
      });
    },
  );
});

describe.each(doors)('exceptions over %s (semantic conventions, "Exceptions in logs")', (door) => {
  const stacktrace = [
    'java.lang.IllegalStateException: no token for ann@example.com',
    '\tat com.example.Login.check(Login.java:42)',
    '\tat com.example.Main.main(Main.java:7)',
  ].join('\n');
  const exception = {
    'exception.type': 'IllegalStateException',
    'exception.message': 'no session for ann@example.com',
    'exception.stacktrace': stacktrace,
    'exception.escaped': true,
  };
  const everythingStored = async (): Promise<string> => {
    const rows = await stage.sql<{ text: string }[]>`
      SELECT row_to_json(l)::text AS text FROM telemetry_log_events l UNION ALL
      SELECT row_to_json(i)::text FROM telemetry_intake i`;
    return rows.map(({ text }) => text).join('\n');
  };
  const sendLog = async (record: Parameters<typeof logsOf>[1][number]): Promise<void> =>
    expect(await send(stage, door, 'logs', logsOf('exceptions', [record]))).toMatchObject(accepted);

  it('keep their type; their message, redacted, where the record has none; their stack trace never', async () => {
    await sendLog({ body: undefined, attributes: attributes(exception) });
    expect(await storedLogs(stage.sql)).toMatchObject([
      { message: 'no session for [REDACTED]', attrs: { 'exception.type': 'IllegalStateException' } },
    ]);
    expect(Object.keys((await storedLogs(stage.sql))[0]?.attrs ?? {})).toEqual(['exception.type']);
    const text = await everythingStored();
    for (const never of ['com.example', 'Login.java', 'ann@example.com']) expect(text).not.toContain(never);
    expect(await intake(stage.sql, 'logs')).toMatchObject({
      ...{ received: 1, stored: 1, 'dropped forbidden_key exception.stacktrace': 1 },
    });
  });

  it('the message of the record comes first', async () => {
    await sendLog({ body: 'login failed', attributes: attributes(exception) });
    expect(await storedLogs(stage.sql)).toMatchObject([{ message: 'login failed' }]);
    expect(await everythingStored()).not.toContain('ann@example.com');
  });

  it.each([
    ['Java', stacktrace],
    [
      'JavaScript',
      'TypeError: no\n    at check (/srv/app/login.js:42:7)\n    at com.example.main (/srv/app/main.js:7:1)',
    ],
    [
      'Python',
      'Traceback (most recent call last):\n  File "/srv/com.example/login.py", line 42, in check\n    raise E\nE: no',
    ],
    [
      'Go',
      'panic: no\n\ngoroutine 1 [running]:\ncom.example/login.Check(0xc000)\n\t/srv/com.example/login.go:42 +0x1d',
    ],
  ])('a stack trace of %s inside a body is not stored either', async (_language, body) => {
    await sendLog({ body });
    await sendLog({ body: undefined, attributes: attributes({ 'exception.message': body }) });
    expect(await storedLogs(stage.sql)).toHaveLength(2);
    const text = await everythingStored();
    for (const never of ['com.example', 'Login.java', 'login.js:42', 'line 42', 'login.go:42'])
      expect(text).not.toContain(never);
  });
});
