import { setTimeout as wait } from 'node:timers/promises';
import { httpOk } from '@command-center/contract/reasons';
import { readSettings } from '@command-center/contract/settings/settings';
import { type FreshDatabase, freshDatabase } from '@command-center/drizzle/testing/database';
import { type Sidecar, startSidecar } from '@command-center/sidecar/main';
import postgres, { type Sql } from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { forbiddenCases, innocentCases } from './corpus.ts';
import { innocentRequests, type Request, requestsOf } from './requests.ts';
import { placesOf, type StoredColumn, storedText } from './storedText.ts';

/** How many cases each side must have (issue: "at least 300"). */
const minCases = 300;
const sendersAtOnce = 16;
const summaryDeadlineMs = 30_000;

const forbidden = forbiddenCases();
const innocent = innocentCases();

let database: FreshDatabase;
let sql: Sql;
let sidecar: Sidecar;
let columns: readonly StoredColumn[];
/** What the sidecar logged and answered: the other two ways out. */
const said: string[] = [];

async function send({ signal, body }: Request): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${sidecar.http.port}/v1/${signal}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  said.push(await answer.text());
  if (answer.status !== httpOk) throw new Error(`${signal} answered ${answer.status}: ${said.at(-1)}`);
}

async function sendAll(requests: readonly Request[]): Promise<void> {
  const left = [...requests];
  const sender = async (): Promise<void> => {
    for (let next = left.pop(); next !== undefined; next = left.pop()) await send(next);
  };
  await Promise.all(Array.from({ length: sendersAtOnce }, sender));
}

/** The leader has read what was sent and wrote its words about it. */
async function untilSummarised(sentAt: Date): Promise<void> {
  const deadline = Date.now() + summaryDeadlineMs;
  for (;;) {
    const [row] = await sql`SELECT 1 FROM telemetry_summary WHERE written_at > ${sentAt}`;
    if (row !== undefined) return;
    if (Date.now() > deadline) throw new Error('no summary was written');
    await wait(100);
  }
}

beforeAll(async () => {
  database = await freshDatabase();
  sql = postgres(database.url, { max: 2, onnotice: () => undefined });
  const settings = readSettings({
    COMMAND_CENTER_OTLP_GRPC_PORT: '0',
    COMMAND_CENTER_OTLP_HTTP_PORT: '0',
    COMMAND_CENTER_SIDECAR_PORT: '0',
    COMMAND_CENTER_MAX_SERIES_PER_METRIC: '10000',
  });
  const log = (event: string, fields?: object): void => void said.push(JSON.stringify({ event, ...fields }));
  sidecar = await startSidecar({ settings, databaseUrl: database.url, log });
  const nowMs = Date.now() - 1_000;
  await sendAll([...forbidden.flatMap((each) => requestsOf(each, nowMs)), ...innocentRequests(innocent, nowMs)]);
  await untilSummarised(new Date());
  await sidecar.stop();
  columns = await storedText(sql);
}, 120_000);

afterAll(async () => {
  await sql.end();
  await database.drop();
});

describe('the corpus', () => {
  it('holds at least 300 texts with something forbidden in them and 300 without', () => {
    expect(forbidden.length).toBeGreaterThanOrEqual(minCases);
    expect(innocent.length).toBeGreaterThanOrEqual(minCases);
    expect(new Set(forbidden.map(({ key, sent }) => `${key}=${sent}`)).size).toBe(forbidden.length);
    expect(new Set(innocent.map(({ sent, isName }) => `${isName} ${sent}`)).size).toBe(innocent.length);
  });

  it('sends each forbidden value, and none in an innocent text', () => {
    for (const { where, sent, forbidden: values } of forbidden) {
      for (const value of values) {
        expect(sent, where).toContain(value);
        expect(
          innocent.filter((each) => each.sent.includes(value)),
          where,
        ).toEqual([]);
      }
    }
  });
});

describe('no table holds what is forbidden, whatever it was sent as (contract.md §2)', () => {
  it('every text of the database was read: logs, spans, series, sources, intake, summary', () => {
    const filled = columns.filter(({ values }) => values.length > 0).map(({ where }) => where.replace(/_\d+\./, '.'));
    expect(filled).toEqual(
      expect.arrayContaining([
        'telemetry_log_events.message',
        'telemetry_log_events.attrs',
        'telemetry_log_events.event',
        'telemetry_log_events.service',
        'telemetry_trace_index.span_name',
        'telemetry_trace_index.route',
        'telemetry_trace_index.status_code',
        'telemetry_metric_series.labels',
        'telemetry_metric_sources.holder',
        'telemetry_stream_state.state',
        'telemetry_intake.name',
        'telemetry_intake.service',
        'telemetry_summary.summary',
        'telemetry_service_health.reason',
      ]),
    );
  });

  it.each(forbidden)('$where', ({ forbidden: values }) => {
    for (const value of values) expect(placesOf(value, columns)).toEqual([]);
  });

  it("nor do the sidecar's log and its answers", () => {
    const all = [{ where: 'said', values: said, decoded: [] }];
    expect(forbidden.flatMap(({ forbidden: values }) => values.flatMap((value) => placesOf(value, all)))).toEqual([]);
  });

  it('and each mask and each drop left a receipt', async () => {
    const receipts = await sql`SELECT outcome, reason FROM telemetry_intake WHERE outcome IN ('masked', 'dropped')`;
    const reasons = receipts.map(({ outcome, reason }) => `${outcome} ${reason}`);
    expect(reasons).toEqual(
      expect.arrayContaining([
        'masked email',
        'masked ipv4',
        'masked jwt',
        'dropped forbidden_key',
        'dropped label_dropped',
      ]),
    );
  });
});

describe('what is innocent is stored as it was sent', () => {
  const holds = (where: string): ReadonlySet<string> =>
    new Set(columns.filter((column) => column.where.replace(/_\d+\./, '.') === where).flatMap(({ values }) => values));

  it('as the message of a log', async () => {
    const stored =
      await sql`SELECT attrs->>'request_id' AS case, message FROM telemetry_log_events WHERE attrs ? 'request_id'`;
    const messages = new Map(stored.map(({ case: where, message }) => [where, message]));
    expect(
      innocent
        .filter(({ where, sent, isText }) => isText && messages.get(where) !== sent)
        .map(({ where, sent }) => [where, sent, messages.get(where)]),
    ).toEqual([]);
  });

  it.each([
    ['an event', 'telemetry_log_events.event'],
    ['a span', 'telemetry_trace_index.span_name'],
    ['a service', 'telemetry_trace_index.service'],
  ])('as the name of %s', (_what, where) => {
    const stored = holds(where);
    expect(innocent.filter(({ isName, sent }) => isName && !stored.has(sent))).toEqual([]);
  });

  it.each([
    ['an attribute of a log', 'telemetry_log_events.attrs', 'action'],
    ['an exception type', 'telemetry_log_events.attrs', 'exception.type'],
    ['a label', 'telemetry_metric_series.labels', 'ws.event_type'],
  ])('as %s', (_what, where, key) => {
    const stored = new Set([...holds(where)].map((json) => (JSON.parse(json) as Record<string, unknown>)[key]));
    expect(innocent.filter(({ isName, sent }) => isName && !stored.has(sent))).toEqual([]);
  });
});
