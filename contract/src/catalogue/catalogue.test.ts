import { describe, expect, it } from 'vitest';
import { isLabelKey } from '../labels.ts';
import { canonicalName, catalogue, definitions, entryOf, mappingsOf } from './catalogue.ts';
import type { Mapping, Selector } from './entry.ts';
import { factorOf } from './units.ts';

/** Every metric name that contract.md §4 prints; `*` stands for the signals. */
const printed = `
http.server.request.duration kaiku_http_request_duration_seconds kaiku_http_request_duration_ms http.server.duration
traces.span.metrics.duration db.client.operation.duration kaiku_db_query_duration_seconds
kaiku_voice_session_duration_seconds kaiku_http_requests_total traces.span.metrics.calls kaiku_ws_connections_active
kaiku_ws_messages_total kaiku_voice_sessions_active kaiku_voice_rtp_packets_forwarded_total kaiku_http_errors_total
kaiku_auth_login_attempts_total kaiku_auth_token_refresh_total kaiku_ws_reconnects_total kaiku_voice_joins_total
kaiku_otel_export_failures_total otelcol_exporter_send_failed_* otelcol_exporter_enqueue_failed_*
otelcol_exporter_sent_* otel.sdk.exporter.span.exported otel.sdk.exporter.metric_data_point.exported
otel.sdk.exporter.log.exported db.client.connection.count db.client.connection.max db.client.connections.usage
db.client.connections.max kaiku_db_pool_connections_active kaiku_db_pool_connections_idle
kaiku_db_pool_connections_max otelcol_exporter_queue_size otelcol_exporter_queue_capacity
kaiku_otel_dropped_spans_total process.memory.usage kaiku_process_memory_bytes process.cpu.utilization
nodejs.eventloop.delay.p99 kaiku_voice_packet_loss_ratio kaiku_voice_jitter_ms kaiku_voice_latency_ms
kaiku_voice_quality_total kaiku_voice_rooms_active kaiku_voice_room_participants kaiku_voice_session_crashes_total
process.uptime kaiku_users_active kaiku_guilds`
  .trim()
  .split(/\s+/)
  .flatMap((name) =>
    name.endsWith('*')
      ? ['spans', 'metric_points', 'log_records'].flatMap((signal) => {
          const collector = name.replace('*', signal);
          return [collector, `${collector}_total`];
        })
      : [name],
  );

const incomingNames = [
  ...new Set(definitions.flatMap((metric) => metric.sources.flatMap((s) => s.instrument.names.map((n) => n.name)))),
];

/** Whether no point can match both: one key is asked for two things that exclude each other. */
function exclude(a: readonly Selector[], b: readonly Selector[]): boolean {
  return a.some((x) =>
    b.some((y) => {
      if (x.key !== y.key) return false;
      if (x.present === false) return y.present !== false;
      if (y.present === false) return true;
      return x.equals !== undefined && y.equals !== undefined && x.equals !== y.equals;
    }),
  );
}

const feeding = (incoming: string, target: string): Mapping[] =>
  mappingsOf(incoming).filter((mapping) => mapping.target.name === target);

describe('the catalogue (contract.md §4)', () => {
  it.each(printed)('knows %s', (name) => {
    expect(mappingsOf(name).length).toBeGreaterThan(0);
    expect(entryOf(canonicalName(name) ?? '')).toBeDefined();
  });

  it('has one entry a name, and every entry comes in under its own name', () => {
    expect(new Set(catalogue.map((entry) => entry.name)).size).toBe(catalogue.length);
    for (const entry of catalogue) expect(feeding(entry.name, entry.name)).toHaveLength(1);
  });

  it('keeps labels of the registry only, service and environment always among them', () => {
    for (const entry of catalogue) {
      expect(entry.labels.every(isLabelKey)).toBe(true);
      expect(new Set(entry.labels).size).toBe(entry.labels.length);
      expect(entry.labels).toEqual(expect.arrayContaining(['service.name', 'deployment.environment.name']));
    }
  });

  it.each(incomingNames)('counts a point of %s once a target', (incoming) => {
    const mappings = mappingsOf(incoming);
    for (const [index, a] of mappings.entries())
      for (const b of mappings.slice(index + 1))
        if (a.target === b.target) expect(exclude(a.selectors, b.selectors)).toBe(true);
  });

  it('fixes only labels that the target keeps, and reads histograms as counters only by their count', () => {
    for (const mapping of incomingNames.flatMap((name) => mappingsOf(name))) {
      for (const key of Object.keys(mapping.fixedLabels)) expect(mapping.target.labels).toContain(key);
      if (mapping.field === 'count') expect(mapping.target.kind).toBe('counter');
      else expect(factorOf({ ...mapping, unit: mapping.target.unit }, '')).toBe(1);
    }
  });

  it('agrees on an instrument wherever it is used: the same names in the same order', () => {
    const seen = new Map<string, string>();
    for (const source of definitions.flatMap((metric) => metric.sources)) {
      const names = source.instrument.names.map((name) => name.name).join(' ');
      expect(seen.get(source.instrument.id) ?? names).toBe(names);
      seen.set(source.instrument.id, names);
    }
  });
});

describe('one source counts (contract.md §4)', () => {
  const rank = (incoming: string, target: string): number => feeding(incoming, target)[0]?.instrumentRank ?? Number.NaN;

  it('reads requests from their counter, else spanmetrics calls, else the count of the latency histogram', () => {
    const order = ['kaiku_http_requests_total', 'traces.span.metrics.calls', 'http.server.request.duration'];
    expect(order.map((name) => rank(name, 'kaiku_http_requests_total'))).toEqual([0, 1, 2]);
    expect(feeding('http.server.request.duration', 'kaiku_http_requests_total')[0]?.field).toBe('count');
  });

  it('reads errors last from latency points with a status from 400 on', () => {
    const mappings = feeding('http.server.request.duration', 'kaiku_http_errors_total');
    expect(mappings).toHaveLength(1);
    expect(mappings[0]?.selectors).toEqual([{ key: 'http.response.status_code', atLeast: 400 }]);
    expect(mappings[0]?.instrumentRank).toBeGreaterThan(rank('kaiku_http_requests_total', 'kaiku_http_errors_total'));
  });

  it('lets old and new names of one instrument compete, the stable one first', () => {
    const [stable] = feeding('http.server.request.duration', 'http.server.request.duration');
    const [older] = feeding('http.server.duration', 'http.server.request.duration');
    expect(stable?.instrument).toBe(older?.instrument);
    expect([stable?.nameRank, older?.nameRank, older?.instrumentNames]).toEqual([0, 1, 2]);
  });

  it('adds up names that are parts of one whole', () => {
    for (const name of ['kaiku_db_pool_connections_active', 'kaiku_db_pool_connections_idle']) {
      const [part] = feeding(name, 'db.client.connection.count');
      expect([part?.instrument, part?.instrumentNames]).toEqual(['kaiku_db_pool_connections', 1]);
    }
  });

  it('takes spanmetrics of servers only', () => {
    for (const name of ['traces.span.metrics.calls', 'traces.span.metrics.duration'])
      for (const mapping of mappingsOf(name))
        expect(mapping.selectors).toContainEqual({ key: 'span.kind', equals: 'SPAN_KIND_SERVER' });
  });
});

describe('units', () => {
  const factor = (name: string, unit: string): number | undefined => {
    const mapping = mappingsOf(name)[0];
    return mapping === undefined ? undefined : factorOf(mapping, unit);
  };

  it.each([
    ['http.server.request.duration', '', 1],
    ['http.server.request.duration', 'ms', 0.001],
    ['http.server.duration', '', 0.001],
    ['http.server.duration', 's', 1],
    ['traces.span.metrics.duration', '', 0.001],
    ['kaiku_voice_jitter_ms', '', 1],
    ['kaiku_voice_jitter_ms', 's', 1000],
    ['kaiku_voice_jitter_ms', 'us', 0.001],
    ['process.memory.usage', 'MiBy', 1048576],
    ['kaiku_voice_packet_loss_ratio', '%', 0.01],
    ['kaiku_http_requests_total', '', 1],
    ['kaiku_http_requests_total', '1', 1],
    ['kaiku_http_requests_total', '{requests}', 1],
    ['kaiku_http_requests_total', 'ms', undefined],
    ['process.memory.usage', 's', undefined],
    ['process.memory.usage', 'constructor', undefined],
  ])('converts %s in %s by %s', (name, unit, expected) => {
    const actual = factor(name, unit);
    if (expected === undefined) expect(actual).toBeUndefined();
    else expect(actual).toBeCloseTo(expected, 12);
  });
});
