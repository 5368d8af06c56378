import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { attributes, secondsAgo, spansOf } from './requests.ts';
import { intake, storedRows, storedSpans } from './rows.ts';
import { accepted, doors, send, sendJson } from './send.ts';
import { openStage, type Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterEach(() => stage.clear());
afterAll(() => stage.close());

describe.each(doors)('the duration over %s, in milliseconds', (door) => {
  const startTimeUnixNano = secondsAgo(60) + 999_999_999n;
  const durationOf = async (nanoseconds: bigint): Promise<number | undefined> => {
    const endTimeUnixNano = startTimeUnixNano + nanoseconds;
    const tree = spansOf('durations', [{ startTimeUnixNano, endTimeUnixNano }]);
    expect(await send(stage, door, 'traces', tree)).toMatchObject(accepted);
    return (await storedSpans(stage.sql))[0]?.duration_ms;
  };

  it.each([
    ['nothing', 0n, 0],
    ['a nanosecond', 1n, 0.000_001],
    ['less than a millisecond', 123_456n, 0.123_456],
    ['a second and a nanosecond', 1_000_000_001n, 1_000.000_001],
    ['an hour', 3_600_000_000_000n, 3_600_000],
  ])('%s is kept', async (_what, nanoseconds, durationMs) => {
    expect(await durationOf(nanoseconds)).toBe(durationMs);
    expect(await intake(stage.sql, 'traces')).toEqual({ received: 1, stored: 1 });
  });

  it.each([
    ['a nanosecond', 1n],
    ['a minute', 60_000_000_000n],
  ])('an end %s before its start is 0 and counted', async (_what, nanoseconds) => {
    expect(await durationOf(-nanoseconds)).toBe(0);
    expect(await intake(stage.sql, 'traces')).toEqual({ received: 1, stored: 1, 'noted ends_before_start': 1 });
  });

  it('so is an end that was never set', async () => {
    expect(await durationOf(-startTimeUnixNano)).toBe(0);
  });
});

/** A span as opentelemetry-proto's example has it, with more around it that must not be kept. */
function example(startTimeUnixNano: bigint) {
  const text = (value: string) => ({ stringValue: value });
  const time = String(startTimeUnixNano);
  return {
    resourceSpans: [
      {
        resource: {
          attributes: [
            { key: 'service.name', value: text('my.service') },
            { key: 'host.name', value: text('UNKEPT-resource') },
          ],
        },
        scopeSpans: [
          {
            scope: {
              name: 'my.library',
              version: '1.0.0',
              attributes: [{ key: 'my.scope', value: text('UNKEPT-scope') }],
            },
            spans: [
              {
                traceId: '5B8EFFF798038103D269B633813FC60C',
                spanId: 'EEE19B7EC3C1B174',
                parentSpanId: 'EEE19B7EC3C1B173',
                traceState: 'vendor=UNKEPT-state',
                name: "I'm a server span",
                startTimeUnixNano: time,
                endTimeUnixNano: String(startTimeUnixNano + 1_000_000_000n),
                kind: 2,
                attributes: [
                  { key: 'my.span.attr', value: text('UNKEPT-attribute') },
                  { key: 'url.full', value: text('https://x.example/?q=UNKEPT-query') },
                ],
                events: [
                  {
                    timeUnixNano: time,
                    name: 'UNKEPT-event',
                    attributes: [{ key: 'exception.stacktrace', value: text('UNKEPT-event-attribute') }],
                  },
                ],
                links: [
                  {
                    traceId: 'ABABABABABABABABABABABABABABABAB',
                    spanId: 'ABABABABABABABAB',
                    attributes: [{ key: 'x', value: text('UNKEPT-link') }],
                  },
                ],
                status: { code: 1, message: 'UNKEPT-message' },
                droppedEventsCount: 3,
              },
            ],
          },
        ],
      },
    ],
  };
}

describe('vector proto-example-trace', () => {
  it('a SERVER span of exactly 1000 ms: no root, and kept', async () => {
    const start = secondsAgo(60);
    expect(await sendJson(stage, 'traces', example(start))).toMatchObject(accepted);
    expect(await storedSpans(stage.sql)).toMatchObject([
      {
        trace_id: '5b8efff798038103d269b633813fc60c',
        span_id: 'eee19b7ec3c1b174',
        span_name: "I'm a server span",
        service: 'my.service',
        duration_ms: 1_000,
        ts: new Date(Number(start / 1_000_000n)),
        is_error: false,
      },
    ]);
  });

  it('as sent, with a time of 2018, it is rejected', async () => {
    const answer = await sendJson(stage, 'traces', example(1_544_712_660_000_000_000n));
    expect(answer).toMatchObject({ httpStatus: 200, rejected: 1 });
    expect(answer.message).toContain('too_old');
    expect(await storedRows(stage.sql)).toBe(0);
  });
});

describe('events, links and attributes', () => {
  it('are never stored, in any table', async () => {
    expect(await sendJson(stage, 'traces', example(secondsAgo(60)))).toMatchObject(accepted);
    const many = attributes({
      'user.id': 'UNKEPT-user',
      'my.attribute': 'UNKEPT-mine',
      'http.url': 'https://UNKEPT-url/',
    });
    expect(await send(stage, 'gRPC', 'traces', spansOf('attributes', [{ attributes: many }]))).toMatchObject(accepted);
    expect(await storedSpans(stage.sql)).toHaveLength(2);
    const tables = await stage.sql<{ name: string }[]>`
      SELECT quote_ident(relname) AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`;
    expect(tables.length).toBeGreaterThan(10);
    for (const { name } of tables) {
      const rows = await stage.sql.unsafe(`SELECT t::text AS text FROM ${name} t WHERE t::text ~* 'UNKEPT|abababab'`);
      expect([name, ...rows]).toEqual([name]);
    }
  });

  it('those that are personal or secret leave a receipt by name', async () => {
    const personal = attributes({ 'user.id': '42', 'http.request.header.authorization': 'x' });
    expect(await send(stage, 'gRPC', 'traces', spansOf('receipts', [{ attributes: personal }]))).toMatchObject(
      accepted,
    );
    expect(await intake(stage.sql, 'traces')).toMatchObject({ stored: 1, 'dropped forbidden_key user.id': 1 });
  });
});
