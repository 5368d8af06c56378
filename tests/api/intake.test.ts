import { intake } from '@command-center/contract/api/intake';
import { reasons } from '@command-center/contract/reasons';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { seedIntake } from './seed.ts';
import { base, openStage, type Stage } from './stage.ts';

const now = Date.parse('2026-03-10T12:30:30Z');
const minute = (ago: number) => new Date(Math.floor(now / 60_000) * 60_000 - ago * 60_000).toISOString();

let stage: Stage;
beforeAll(async () => {
  stage = await openStage(now);
  const points = { signal: 'metrics', service: 'orders', name: 'http.server.request.duration' };
  await seedIntake(stage.sql, [
    { ...points, minute: minute(5), outcome: 'received', count: 10 },
    { ...points, minute: minute(1), outcome: 'received', count: 5 },
    { ...points, minute: minute(1), outcome: 'received', count: 7, writer: 2 },
    { ...points, minute: minute(1), outcome: 'stored', count: 20 },
    { ...points, minute: minute(1), outcome: 'refused', reason: 'too_old', count: 2 },
    { ...points, minute: minute(90), outcome: 'received', count: 1000 },
    { minute: minute(2), signal: 'metrics', service: 'orders', name: 'my.metric', outcome: 'received', count: 40 },
    {
      minute: minute(2),
      signal: 'metrics',
      service: 'orders',
      name: 'my.metric',
      outcome: 'dropped',
      reason: 'not_in_contract',
      count: 40,
    },
    // A label that was left out is a receipt, not a lost record.
    {
      minute: minute(2),
      signal: 'metrics',
      service: 'orders',
      name: 'user.id',
      outcome: 'dropped',
      reason: 'label_dropped',
      count: 99,
    },
    { minute: minute(3), signal: 'logs', service: 'orders', outcome: 'received', count: 8 },
    { minute: minute(3), signal: 'logs', service: 'orders', outcome: 'dropped', reason: 'below_warn', count: 6 },
    { minute: minute(3), signal: 'logs', service: 'orders', outcome: 'masked', reason: 'email', count: 3 },
  ]);
  await stage.sql`
    INSERT INTO telemetry_metric_sources (holder, metric_name, source, from_minute, last_seen) VALUES
      ('service:orders', 'kaiku_http_requests_total', 'calls', '-infinity', ${minute(30)}),
      ('service:orders', 'kaiku_http_requests_total', 'requests', ${minute(20)}, ${minute(1)}),
      ('service:carts', 'kaiku_http_requests_total', 'calls', '-infinity', ${minute(1)}),
      ('service:gone', 'kaiku_http_requests_total', 'calls', '-infinity', ${minute(500)})`;
});
afterAll(() => stage.close());

const read = async () => intake.parse(await stage.read(`${base}/intake?range=1h`));

test('what arrived is counted in records by signal, service and metric', async () => {
  const { by_service, truncated } = await read();
  expect(by_service).toEqual([
    {
      signal: 'metrics',
      service: 'orders',
      name: 'http.server.request.duration',
      last: minute(1),
      received: 22,
      stored: 20,
      dropped: 0,
      refused: 2,
    },
    {
      signal: 'metrics',
      service: 'orders',
      name: 'my.metric',
      last: minute(2),
      received: 40,
      stored: 0,
      dropped: 40,
      refused: 0,
    },
    { signal: 'logs', service: 'orders', name: '', last: minute(3), received: 8, stored: 0, dropped: 6, refused: 0 },
  ]);
  expect(truncated).toBe(false);
});

test('every reason comes in words', async () => {
  const body = await read();
  expect(body.reasons.map(({ outcome, reason, name, count }) => [outcome, reason, name, count])).toEqual([
    ['dropped', 'label_dropped', 'user.id', 99],
    ['dropped', 'not_in_contract', 'my.metric', 40],
    ['dropped', 'below_warn', '', 6],
    ['masked', 'email', '', 3],
    ['refused', 'too_old', 'http.server.request.duration', 2],
  ]);
  expect(body.reasons[4]?.text).toContain(reasons.too_old.text);
  for (const { text, reason } of body.reasons) expect(text).not.toBe(reason);
});

test('metrics outside the contract are listed', async () => {
  expect((await read()).unknown_metrics).toEqual([
    { name: 'my.metric', service: 'orders', count: 40, last: minute(2) },
  ]);
});

test('the source that counts is the newest to have taken over', async () => {
  expect((await read()).sources).toEqual([
    { holder: 'service:carts', metric_name: 'kaiku_http_requests_total', source: 'calls', from: null },
    { holder: 'service:orders', metric_name: 'kaiku_http_requests_total', source: 'requests', from: minute(20) },
  ]);
});
