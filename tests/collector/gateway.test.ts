import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../processes/api.ts';
import { type CollectorProcess, startCollector } from '../processes/collector.ts';
import { telemetrygen } from '../processes/telemetrygen.ts';
import { missing } from './programs.ts';
import { openStage, type Stage, toSidecar } from './stage.ts';
import { storedMetric, storedRows } from './tables.ts';

const reason = missing('otelcol', 'telemetrygen');
const TOKEN = 'a-token-that-the-gateway-shows';

/** Exporters of gateway.yaml, and what else a queue may do with requests. */
const routes = [
  { name: 'otlp_grpc', changes: [] },
  { name: 'otlp_http', changes: ['metrics', 'logs', 'traces'].map(otlpHttpFor) },
  {
    name: 'otlp_grpc that merges and splits requests',
    changes: [
      'exporters::otlp_grpc::sending_queue::batch: {flush_timeout: 50ms, min_size: 500, max_size: 700, sizer: items}',
    ],
  },
] as const;

function otlpHttpFor(signal: string): string {
  return `service::pipelines::${signal}::exporters: [otlp_http]`;
}

describe.each(routes)(
  'what telemetrygen sends through gateway.yaml by $name is stored to the unit',
  // What was sent stays sent: a second try would count it twice.
  { retry: 0 },
  ({ name, changes }) => {
    let stage: Stage;
    let gateway: CollectorProcess;
    const service = `generated-${name.slice(0, 9).replace('_', '-')}`;

    beforeAll(async () => {
      if (reason !== undefined) return;
      stage = await openStage({ COMMAND_CENTER_OTLP_TOKEN: TOKEN });
      const environment = { ...toSidecar(stage.sidecar()), SIDECAR_TOKEN: TOKEN };
      gateway = await startCollector({ file: 'gateway.yaml', changes, environment });
    });
    afterAll(async () => {
      await gateway?.close();
      await stage?.close();
    });

    /** Reads until it is so, then once more after the gateway's queue must be empty. */
    const expectStored = async (read: () => Promise<number | undefined>, expected: number): Promise<void> => {
      await eventually(read, (value) => value === expected);
      expect(await read()).toBe(expected);
    };

    const metric = (metricName: string) => () => storedMetric(stage.sql, service, metricName);
    const generate = (metricName: string, count: number, ...flags: string[]) =>
      telemetrygen('metrics', gateway.grpc, service, [
        '--otlp-metric-name',
        metricName,
        '--metrics',
        String(count),
        ...flags,
      ]);

    it('a cumulative sum: its last value', async ({ skip }) => {
      if (reason !== undefined) skip(reason);
      await generate(
        'kaiku_ws_messages_total',
        1_000,
        '--metric-type',
        'Sum',
        '--aggregation-temporality',
        'cumulative',
      );
      await expectStored(async () => (await metric('kaiku_ws_messages_total')())?.sum, 999);
    });

    it('a delta sum: every point, of a stream each', async ({ skip }) => {
      if (reason !== undefined) skip(reason);
      // Its delta intervals overlap within a stream, which OTLP does not allow; apart they are exact: 0 + 1 + … + 199.
      const unique = ['--unique-timeseries', '--unique-timeseries-duration', '1h'];
      await generate(
        'kaiku_ws_reconnects_total',
        200,
        '--metric-type',
        'Sum',
        '--aggregation-temporality',
        'delta',
        ...unique,
      );
      await expectStored(async () => (await metric('kaiku_ws_reconnects_total')())?.sum, 19_900);
    });

    it('a gauge: its greatest value', async ({ skip }) => {
      if (reason !== undefined) skip(reason);
      await generate('kaiku_users_active', 500, '--metric-type', 'Gauge');
      await expectStored(async () => (await metric('kaiku_users_active')())?.max, 499);
    });

    it('a delta histogram: count and sum', async ({ skip }) => {
      if (reason !== undefined) skip(reason);
      const unique = ['--unique-timeseries', '--unique-timeseries-duration', '1h'];
      await generate(
        'kaiku_voice_latency_ms',
        100,
        '--metric-type',
        'Histogram',
        '--aggregation-temporality',
        'delta',
        ...unique,
      );
      // telemetrygen goes round ten samples of ten values each; their sums add up to 46,965.
      await expectStored(async () => (await metric('kaiku_voice_latency_ms')())?.count, 1_000);
      expect((await metric('kaiku_voice_latency_ms')())?.sum).toBe(469_650);
    });

    it('a cumulative histogram: its count and sum', async ({ skip }) => {
      if (reason !== undefined) skip(reason);
      // One point: further ones of telemetrygen are no running totals, though it calls them so.
      const flags = ['--metric-type', 'Histogram', '--aggregation-temporality', 'cumulative'];
      await generate('kaiku_voice_jitter_ms', 1, ...flags);
      await expectStored(async () => (await metric('kaiku_voice_jitter_ms')())?.count, 10);
      expect((await metric('kaiku_voice_jitter_ms')())?.sum).toBe(3_940);
    });

    it('logs: a row each', async ({ skip }) => {
      if (reason !== undefined) skip(reason);
      // One worker: of two, records may be equal to the nanosecond, which nobody can tell from a record sent again (design §5).
      const flags = ['--logs', '3000', '--severity-number', '17', '--severity-text', 'ERROR', '--body', 'it broke'];
      await telemetrygen('logs', gateway.grpc, service, flags);
      await expectStored(() => storedRows(stage.sql, 'telemetry_log_events', service), 3_000);
    });

    // Fewer than the 2,048 spans that the queue of its SDK holds: what comes on top it drops.
    it('traces: the root and the server span of each', async ({ skip }) => {
      if (reason !== undefined) skip(reason);
      await telemetrygen('traces', gateway.grpc, service, ['--traces', '400', '--child-spans', '1', '--workers', '2']);
      await expectStored(() => storedRows(stage.sql, 'telemetry_trace_index', service), 1_600);
    });

    it('nothing of it comes twice once the gateway has stopped', async ({ skip }) => {
      if (reason !== undefined) skip(reason);
      expect(await gateway.stop()).toMatchObject({ code: 0, signal: null });
      expect((await metric('kaiku_ws_messages_total')())?.sum).toBe(999);
      expect((await metric('kaiku_ws_reconnects_total')())?.sum).toBe(19_900);
      expect((await metric('kaiku_voice_latency_ms')())?.count).toBe(1_000);
      expect(await storedRows(stage.sql, 'telemetry_log_events', service)).toBe(3_000);
      expect(await storedRows(stage.sql, 'telemetry_trace_index', service)).toBe(1_600);
    });
  },
);
