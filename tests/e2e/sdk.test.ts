import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { ROOT_CONTEXT as rootContext, SeverityNumber, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { eventually } from '../processes/api.ts';
import { type Client, encodings, openClient } from './client.ts';
import { openStage, type Stage } from './stage.ts';

/** otlp-conformance item 10: the SDK sends start = time for a value recorded in the millisecond of its collection. */
const pastStart = (): Promise<void> => delay(2);

let stage: Stage;

beforeAll(async () => {
  vi.stubEnv('OTEL_EXPORTER_OTLP_COMPRESSION', 'gzip');
  stage = await openStage();
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await stage.close();
});

async function requestsOf(service: string): Promise<number> {
  const query = { metric: 'kaiku_http_requests_total', where: `service.name:${service}`, range: '1h' };
  const { series } = await stage.api.trends(query);
  return series.flatMap(({ points }) => points).reduce((total, point) => total + (point.sum ?? 0), 0);
}

describe.each(encodings)('what the SDK sends over $name is read back through the API', (encoding) => {
  const service = (what: string): string => `${what}-${encoding.name.toLowerCase().replace('/', '-')}`;

  const withClient = async (name: string, work: (client: Client) => Promise<void>): Promise<void> => {
    const client = openClient(encoding, stage.sidecar, name);
    try {
      await work(client);
    } finally {
      await client.close();
    }
  };

  it('requests counted by a counter are exact from the first export on', async () => {
    const name = service('counter');
    await withClient(name, async (client) => {
      const requests = client.meter.createCounter('kaiku_http_requests_total', { unit: '{request}' });
      const get = { 'http.request.method': 'GET', 'http.route': '/api/v1/guilds/{id}' };
      for (let request = 0; request < 137; request += 1) requests.add(1, get);
      await pastStart();
      const sentAt = performance.now();
      await client.flush();
      expect(await requestsOf(name)).toBe(137);
      const elapsedMs = performance.now() - sentAt;
      process.stdout.write(`${encoding.name}: ${elapsedMs.toFixed(0)} ms from a point sent to the API's answer\n`);
      requests.add(42, get);
      requests.add(5, { ...get, 'http.request.method': 'POST' });
      await pastStart();
      await client.flush();
      expect(await requestsOf(name)).toBe(184);
    });
  });

  it('requests counted by the duration histogram alone are exact from the first export on', async () => {
    const name = service('histogram');
    await withClient(name, async (client) => {
      const durations = client.meter.createHistogram('http.server.request.duration', { unit: 's' });
      const get = { 'http.request.method': 'GET', 'http.route': '/api/v1/users/{id}' };
      for (let request = 0; request < 91; request += 1) durations.record(0.01 + request / 1_000, get);
      for (let request = 0; request < 3; request += 1)
        durations.record(0.2, { ...get, 'http.response.status_code': 500 });
      await pastStart();
      await client.flush();
      expect(await requestsOf(name)).toBe(94);
      durations.record(0.02, get);
      await pastStart();
      await client.flush();
      expect(await requestsOf(name)).toBe(95);
      const errors = await stage.api.trends({ metric: 'kaiku_http_errors_total', where: `service.name:${name}` });
      expect(errors.series.flatMap(({ points }) => points).reduce((sum, point) => sum + (point.sum ?? 0), 0)).toBe(3);
    });
  });

  it('WARN and ERROR logs are stored with message, event and trace id, INFO is counted as dropped', async () => {
    const name = service('logs');
    const traceId = '5b8efff798038103d269b633813fc60c';
    const spanContext = { traceId, spanId: 'eee19b7ec3c1b173', traceFlags: 1 };
    await withClient(name, async (client) => {
      const context = trace.setSpanContext(rootContext, spanContext);
      const records = [
        [SeverityNumber.INFO, 'all is well'],
        [SeverityNumber.WARN, 'the pool is nearly full'],
        [SeverityNumber.ERROR, 'the session store does not answer'],
      ] as const;
      for (const [severityNumber, body] of records)
        client.logger.emit({ severityNumber, body, eventName: 'store.checked', context });
      await client.flush();
    });
    const { items } = await stage.api.logs({ service: name });
    expect(items.map(({ level, message }) => [level, message])).toEqual(
      expect.arrayContaining([
        ['ERROR', 'the session store does not answer'],
        ['WARN', 'the pool is nearly full'],
      ]),
    );
    expect(items).toHaveLength(2);
    for (const item of items)
      expect(item).toMatchObject({ event: 'store.checked', trace_id: traceId, span_id: spanContext.spanId });
    const { reasons } = await eventually(
      () => stage.api.intake(),
      (answer) => answer.reasons.some((row) => row.service === name && row.reason === 'below_warn'),
    );
    expect(reasons.find((row) => row.service === name && row.reason === 'below_warn')).toMatchObject({
      signal: 'logs',
      outcome: 'dropped',
      count: 1,
    });
  });

  it('spans are indexed with route, status and duration', async () => {
    const name = service('spans');
    let traceId = '';
    await withClient(name, async (client) => {
      const startTime = Date.now() - 250;
      const span = client.tracer.startSpan('POST /api/v1/voice/join', {
        kind: SpanKind.SERVER,
        startTime,
        attributes: {
          'http.request.method': 'POST',
          'http.route': '/api/v1/voice/join',
          'http.response.status_code': 503,
        },
      });
      span.setStatus({ code: SpanStatusCode.ERROR });
      span.end(startTime + 125);
      ({ traceId } = span.spanContext());
      await client.flush();
    });
    const { items } = await stage.api.traces({ trace_id: traceId });
    expect(items).toMatchObject([
      {
        trace_id: traceId,
        service: name,
        route: '/api/v1/voice/join',
        domain: 'voice',
        status_code: '503',
        is_error: true,
        duration_ms: 125,
        sampled: true,
      },
    ]);
  });

  it('a metric outside the contract is named on the intake page', async () => {
    const name = service('unknown');
    await withClient(name, async (client) => {
      client.meter.createCounter('cache.hits').add(3);
      await pastStart();
      await client.flush();
      const { unknown_metrics } = await eventually(
        () => stage.api.intake(),
        (answer) => answer.unknown_metrics.some((row) => row.service === name),
      );
      // Before the client closes: its shutdown exports the point once more.
      expect(unknown_metrics).toContainEqual(expect.objectContaining({ name: 'cache.hits', service: name, count: 1 }));
    });
  });
});
