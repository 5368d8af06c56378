import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { gaugeJson, type Json, log, logsJson, time } from './jsonRequests.ts';
import { minuteAgoMs, secondsAgo } from './requests.ts';
import { intake, storedLogs, storedMinutes, storedRows } from './rows.ts';
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

describe('vector json-int-forms', () => {
  const point = { timeUnixNano: time };

  it('"42" and 42 are the same integer', async () => {
    for (const asInt of ['42', 42]) {
      expect(await sendJson(stage, 'metrics', gaugeJson('int-forms', { ...point, asInt }))).toMatchObject(accepted);
      expect(await storedMinutes(stage.sql)).toMatchObject([{ name: 'process.uptime', last: 42 }]);
    }
    const negative = gaugeJson('negative', { ...point, asInt: '-7' });
    expect(await sendJson(stage, 'metrics', negative)).toMatchObject(accepted);
    expect(await storedMinutes(stage.sql, 'negative')).toMatchObject([{ last: -7 }]);
  });

  it('64-bit and 32-bit fields take both forms', async () => {
    const numbers = { ...log, severityNumber: '17', flags: '1', body: { intValue: 5 } };
    const strings = { ...log, severityNumber: 17, flags: 1, body: { intValue: '5' } };
    expect(await sendLogs(numbers)).toMatchObject(accepted);
    expect(await sendLogs(strings)).toMatchObject(accepted);
    // They are one record: the second was a retry.
    expect(await storedLogs(stage.sql)).toMatchObject([{ level: 'ERROR', message: '5' }]);
    expect(await intake(stage.sql, 'logs')).toMatchObject({ received: 2, stored: 1, 'noted duplicate': 1 });
  });

  it('a time above 2^53 is exact to the nanosecond, as a string and as a number', async () => {
    const edge = BigInt(minuteAgoMs(3)) * 1_000_000n;
    const minutesOf = async (timeUnixNano: string): Promise<Date[]> => {
      const text = JSON.stringify(gaugeJson(`at ${timeUnixNano}`, { timeUnixNano: 'TIME', asInt: 1 })).replace(
        '"TIME"',
        timeUnixNano,
      );
      expect(await sendJson(stage, 'metrics', text)).toMatchObject(accepted);
      const minutes = (await storedMinutes(stage.sql)).map(({ ts }) => ts);
      await stage.clear();
      return minutes;
    };
    // Intervals end with their minute's edge: one nanosecond later is the next minute.
    expect(await minutesOf(`"${edge}"`)).toEqual([new Date(minuteAgoMs(4))]);
    expect(await minutesOf(`"${edge + 1n}"`)).toEqual([new Date(minuteAgoMs(3))]);
    expect(await minutesOf(`${edge + 2n}`)).toEqual([new Date(minuteAgoMs(3))]);
  });

  it.each([1.5, '1.5', '', ' 1', '0x1', 'one', true, {}, []])('%j is no integer: 400', async (severityNumber) => {
    expect(await sendLogs({ ...log, severityNumber })).toMatchObject(undecodable);
    expect(await storedRows(stage.sql)).toBe(0);
  });
});

describe('an integer out of range', () => {
  it.each([
    ['int32', { severityNumber: 2_147_483_648 }],
    ['uint32', { flags: -1 }],
    ['uint64', { timeUnixNano: '18446744073709551616' }],
    ['uint64 as a number', { timeUnixNano: 1e300 }],
    ['int64', { body: { intValue: '9223372036854775808' } }],
    ['of a thousand digits', { observedTimeUnixNano: '9'.repeat(1_000) }],
    ['in an attribute', { attributes: [{ key: 'x', value: { intValue: '-9223372036854775809' } }] }],
  ])('%s spoils its record, not the request', async (_what, field) => {
    const answer = await sendLogs(log, { ...log, ...field }, { ...log, body: { stringValue: 'also failed' } });
    expect(answer).toMatchObject({ httpStatus: 200, rejected: 1 });
    expect(answer.message).toContain('number_out_of_range');
    expect((await storedLogs(stage.sql)).map(({ message }) => message).sort()).toEqual(['also failed', 'failed']);
    expect(await intake(stage.sql, 'logs')).toMatchObject({ received: 3, stored: 2, 'refused number_out_of_range': 1 });
  });

  it('the greatest and the least of each type are not', async () => {
    const limits = { severityNumber: 2_147_483_647, flags: 4_294_967_295, body: { intValue: '-9223372036854775808' } };
    expect(await sendLogs({ ...log, ...limits })).toMatchObject(accepted);
    expect(await storedRows(stage.sql)).toBe(1);
  });
});

describe('doubles', () => {
  it.each([
    [1.5, 1.5],
    ['1.5', 1.5],
    ['-2', -2],
    ['1e3', 1_000],
    [7, 7],
  ])('%j is %d', async (asDouble, last) => {
    expect(
      await sendJson(
        stage,
        'metrics',
        gaugeJson(`double ${typeof asDouble} ${last}`, { timeUnixNano: time, asDouble }),
      ),
    ).toMatchObject(accepted);
    expect(await storedMinutes(stage.sql)).toMatchObject([{ last }]);
  });

  it.each(['NaN', 'Infinity', '-Infinity'])(
    '"%s" is one, which a gauge cannot store: its point is rejected, by reason',
    async (asDouble) => {
      const answer = await sendJson(stage, 'metrics', gaugeJson('doubles', { timeUnixNano: time, asDouble }));
      expect(answer).toMatchObject({ httpStatus: 200, rejected: 1 });
      expect(answer.message).toContain('not_finite');
      expect(await storedRows(stage.sql)).toBe(0);
    },
  );

  it.each(['nan', 'inf', '', '1,5', '0x10', true, {}])('%j is none: 400', async (asDouble) => {
    const answer = await sendJson(stage, 'metrics', gaugeJson('doubles', { timeUnixNano: time, asDouble }));
    expect(answer).toMatchObject(undecodable);
  });
});

describe('vector json-null-double', () => {
  it('a double that JSON.stringify turned into null is a point without value: rejected alone, the others stored', async () => {
    const good = { timeUnixNano: String(secondsAgo(59)), asDouble: 3 };
    const answer = await sendJson(
      stage,
      'metrics',
      gaugeJson('null-double', { timeUnixNano: time, asDouble: Number.NaN }, good),
    );
    expect(answer).toMatchObject({ httpStatus: 200, rejected: 1 });
    expect(answer.message).toContain('no_value');
    expect(await storedMinutes(stage.sql)).toMatchObject([{ last: 3 }]);
  });
});
