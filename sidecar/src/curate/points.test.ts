import { describe, expect, it } from 'vitest';
import type { Curation, StreamPlan } from './curated.ts';
import {
  type Attributes,
  curator,
  gauge,
  histogram,
  histogramPoint,
  kept,
  metric,
  numberPoint,
  resource,
  timeUnixNano,
} from './testing/records.ts';

const DURATION = 'http.server.request.duration';
const REQUESTS = 'kaiku_http_requests_total';
const ERRORS = 'kaiku_http_errors_total';
const minute = 60_000_000_000n;
const service = { 'service.name': 'api', 'deployment.environment.name': 'prod' };

function reason(curation: Curation<StreamPlan>): string {
  return curation.outcome === 'kept' ? 'kept' : `${curation.outcome} ${curation.reason}`;
}

function labels(curation: Curation<StreamPlan>): unknown[] {
  return kept<StreamPlan>(curation).targets.map((target) => target.labels);
}

describe('labels (contract.md §1)', () => {
  const request = (values: Attributes): Curation<StreamPlan> =>
    curator().point(histogramPoint(histogram(DURATION, { unit: 's' }), values));

  it('keep the subset of their metric and count the rest', () => {
    const values = {
      'http.request.method': 'GET',
      'http.route': '/a',
      'url.scheme': 'https',
      'user.id': '5',
      'service.name': 'x',
    };
    const curation = request(values);
    expect(labels(curation)[0]).toEqual({ ...service, 'http.request.method': 'GET', 'http.route': '/a' });
    expect(curation.receipts).toEqual([
      { outcome: 'dropped', reason: 'label_dropped', name: 'url.scheme' },
      { outcome: 'dropped', reason: 'forbidden_key', name: 'user.id' },
    ]);
  });

  it('take older names, and the stable one where both come', () => {
    const both = { 'http.method': 'POST', 'http.request.method': 'GET', 'http.route': '/a', 'http.status_code': 500n };
    const [duration, , errors] = kept<StreamPlan>(request(both)).targets;
    expect(duration?.labels).toMatchObject({ 'http.request.method': 'GET' });
    expect(errors?.labels).toMatchObject({ 'http.response.status_code': '500' });
  });

  it('turn unlisted values into _OTHER and say so', () => {
    const curation = request({ 'http.request.method': 'BREW', 'http.route': '/a' });
    expect(labels(curation)[0]).toMatchObject({ 'http.request.method': '_OTHER' });
    expect(curation.receipts).toContainEqual({
      outcome: 'noted',
      reason: 'unlisted_value',
      name: 'http.request.method',
    });
  });

  it('name the service that a resource does not name unknown_service, and leave its environment out', () => {
    const of = histogram(DURATION, { resource: resource({}) });
    expect(labels(curator().point(histogramPoint(of)))[0]).toEqual({
      'service.name': 'unknown_service',
      'http.route': '_OTHER',
    });
  });

  it('redact values, with a receipt', () => {
    const of = metric('kaiku_ws_messages_total');
    const curation = curator().point(numberPoint(of, { 'ws.event_type': 'mail bob@example.com' }));
    expect(labels(curation)).toEqual([{ ...service, 'ws.event_type': 'mail {}' }]);
    expect(curation.receipts).toEqual([{ outcome: 'masked', reason: 'email', name: 'ws.event_type' }]);
  });

  it('name 20 error types a metric and call later ones _OTHER', () => {
    const { point } = curator();
    const of = metric('kaiku_auth_login_attempts_total');
    const errorType = (index: number): unknown => labels(point(numberPoint(of, { 'error.type': `e${index}` })))[0];
    for (let index = 0; index < 20; index++) expect(errorType(index)).toMatchObject({ 'error.type': `e${index}` });
    expect(errorType(20)).toMatchObject({ 'error.type': '_OTHER' });
    expect(errorType(3)).toMatchObject({ 'error.type': 'e3' });
    const refresh = metric('kaiku_auth_token_refresh_total');
    expect(labels(point(numberPoint(refresh, { 'error.type': 'e20' })))[0]).toMatchObject({ 'error.type': 'e20' });
  });

  it('of an overflow point are the overflow label alone', () => {
    const curation = request({ 'otel.metric.overflow': true });
    expect(labels(curation)[0]).toEqual({ 'otel.metric.overflow': true });
    expect(kept<StreamPlan>(curation).targets[0]?.labelsKey).toBe('{"otel.metric.overflow":true}');
    expect(labels(request({ 'otel.metric.overflow': 'true', 'http.route': '/a' }))[0]).toEqual({
      ...service,
      'http.route': '/a',
    });
  });
});

describe('routes (contract.md §1)', () => {
  const route = (point: ReturnType<typeof curator>['point'], values: Attributes): unknown =>
    labels(point(histogramPoint(histogram(DURATION), values)))[0];

  it('are templates as sent, ids in them templated', () => {
    const { point } = curator();
    expect(route(point, { 'http.route': '/guilds/{guild_id}/12345' })).toMatchObject({
      'http.route': '/guilds/{guild_id}/{}',
    });
    expect(route(point, { 'http.route': '/users/42/orders/7' })).toMatchObject({ 'http.route': '/users/{}/orders/{}' });
  });

  it('are redacted before their ends are cut off, by which some secrets are known', () => {
    const { point } = curator();
    for (const sent of ['nats://app:hunter2@nats-1:4222', "undefined method\n\tfrom /srv/payroll.rb:12:in `pay'"]) {
      expect(String(JSON.stringify(route(point, { 'http.route': sent })))).not.toMatch(/hunter2|payroll/);
    }
  });

  it('of resolved paths come from the routes known of that service, else they are _OTHER', () => {
    const { point } = curator();
    expect(route(point, { 'url.path': '/guilds/7' })).toMatchObject({ 'http.route': '_OTHER' });
    expect(route(point, { 'http.route': '/guilds/{id}' })).toMatchObject({ 'http.route': '/guilds/{id}' });
    // The stream that was _OTHER before its route was known.
    expect(route(point, { 'url.path': '/guilds/7' })).toMatchObject({ 'http.route': '/guilds/{}' });
    expect(route(point, { 'http.target': '/guilds/7?token=abc' })).toMatchObject({ 'http.route': '/guilds/{}' });
    expect(route(point, { 'url.path': '/.git/config' })).toMatchObject({ 'http.route': '_OTHER' });
    const other = histogram(DURATION, { resource: resource({ 'service.name': 'other' }) });
    expect(labels(point(histogramPoint(other, { 'url.path': '/guilds/7' })))[0]).toMatchObject({
      'http.route': '_OTHER',
    });
  });
});

describe('targets (contract.md §1, "Each metric lists its own labels")', () => {
  it('a request histogram feeds duration, requests and, from status 400 on, errors', () => {
    const fields = (status: bigint): unknown[] =>
      kept<StreamPlan>(
        curator().point(
          histogramPoint(histogram(DURATION), { 'http.route': '/a', 'http.response.status_code': status }),
        ),
      ).targets.map(({ entry, field }) => [entry.name, field]);
    expect(fields(200n)).toEqual([
      [DURATION, 'value'],
      [REQUESTS, 'count'],
    ]);
    expect(fields(404n)).toEqual([
      [DURATION, 'value'],
      [REQUESTS, 'count'],
      [ERRORS, 'count'],
    ]);
  });

  it('spanmetrics count for servers only', () => {
    const of = metric('traces.span.metrics.calls');
    expect(reason(curator().point(numberPoint(of, { 'span.kind': 'SPAN_KIND_CLIENT' })))).toBe('dropped not_selected');
    const server = kept<StreamPlan>(
      curator().point(numberPoint(of, { 'span.kind': 'SPAN_KIND_SERVER', 'status.code': 'STATUS_CODE_ERROR' })),
    );
    expect(server.targets.map(({ entry }) => entry.name)).toEqual([REQUESTS, ERRORS]);
  });

  it('an alias fixes the label it stands for', () => {
    expect(labels(curator().point(numberPoint(gauge('kaiku_db_pool_connections_idle'))))).toEqual([
      { ...service, 'db.client.connection.state': 'idle' },
    ]);
  });
});

describe('one source counts (contract.md §4)', () => {
  it('names of one instrument compete per resource, instruments per service', () => {
    const of = histogram('http.server.duration', { unit: 'ms' });
    const [duration] = kept<StreamPlan>(curator().point(histogramPoint(of))).targets;
    const [names, instruments] = duration?.claims ?? [];
    expect(names?.holder).toMatch(/^resource:[0-9a-f]{32}$/);
    expect(names).toMatchObject({ metricName: DURATION, source: 'http.server.duration' });
    expect(names?.rankOf(DURATION)).toBeLessThan(names?.rankOf('http.server.duration') ?? 0);
    expect(instruments).toMatchObject({ holder: 'service:api', metricName: DURATION, source: DURATION });
    expect(instruments?.rankOf('gone from the contract')).toBe(Infinity);
  });

  it('the histogram is the lowest source of requests', () => {
    const [, requests] = kept<StreamPlan>(curator().point(histogramPoint(histogram(DURATION)))).targets;
    const rankOf = requests?.claims.at(-1)?.rankOf ?? ((): number => 0);
    expect(rankOf(REQUESTS)).toBeLessThan(rankOf('traces.span.metrics.calls'));
    expect(rankOf('traces.span.metrics.calls')).toBeLessThan(rankOf(DURATION));
  });

  it('a metric with one name and one instrument has no competition', () => {
    expect(
      kept<StreamPlan>(curator().point(numberPoint(metric('kaiku_ws_messages_total')))).targets[0]?.claims,
    ).toEqual([]);
  });
});

describe('what is refused says whose it was, without telling secrets', () => {
  it('names the metric as an identifier and the service', () => {
    const curation = curator().point(numberPoint(metric('mail to bob@example.com')));
    expect(curation).toMatchObject({ service: 'api', name: 'mail to {}' });
  });

  it('a stream’s second point is placed as its first', () => {
    const { point } = curator();
    const of = histogram(DURATION);
    const values = { 'http.route': '/a', 'net.peer.ip': '10.0.0.1' };
    const first = point(histogramPoint(of, values));
    const second = point(histogramPoint(of, values, { timeUnixNano: timeUnixNano + minute / 2n }));
    expect(kept<StreamPlan>(second).targets).toEqual(kept<StreamPlan>(first).targets);
    expect(second.receipts).toEqual(first.receipts);
  });
});
