import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../processes/api.ts';
import { type CollectorProcess, startCollector } from '../processes/collector.ts';
import { type FaultyDoor, faultyGrpc } from './faults.ts';
import { makeLoad, RECORDS, range, send } from './load.ts';
import { missing } from './programs.ts';
import { openStage, type Stage, toSidecar } from './stage.ts';
import { type StoredSeries, storedSeries } from './tables.ts';

const reason = missing('otelcol');
const REQUESTS = 20;
const REFUSED = 2;
/** One of each delta stream, of the histogram, of the counter and of the gauge. */
const POINTS = 7;
const INVALID_ARGUMENT = 3;

let stage: Stage;
let door: FaultyDoor;
let gateway: CollectorProcess;

beforeAll(async () => {
  if (reason !== undefined) return;
  stage = await openStage();
  const left = { metrics: 0, logs: REFUSED, traces: 0 };
  door = await faultyGrpc(stage.sidecar().grpc, (signal) => {
    left[signal] -= 1;
    return left[signal] >= 0 ? { status: INVALID_ARGUMENT } : undefined;
  });
  gateway = await startCollector({
    file: 'gateway.yaml',
    // Data meets refusals; the reports about it do not.
    changes: [`exporters::otlp_grpc::endpoint: ${door.address}`],
    environment: { ...toSidecar(stage.sidecar()), GATEWAY_METRICS_INTERVAL_MS: '300' },
  });
  await send(makeLoad('reported', REQUESTS), gateway.http, range(0, REQUESTS));
});
afterAll(async () => {
  await gateway?.close();
  await door?.close();
  await stage?.close();
});

const named = (series: readonly StoredSeries[], metric: string): StoredSeries | undefined =>
  series.find((each) => each.metric === metric);

describe("the collector's own metrics reach the tables as the OTel Pipeline panel reads them (contract.md §4)", () => {
  it('what it sent and what it failed to send, to the unit', { timeout: 30_000 }, async ({ skip }) => {
    if (reason !== undefined) skip(reason);
    const sumOf = (series: readonly StoredSeries[], metric: string): number => named(series, metric)?.sum ?? 0;
    const read = async () => {
      const series = await storedSeries(stage.sql, 'otelcol');
      return {
        points: sumOf(series, 'otelcol_exporter_sent_metric_points'),
        logs: sumOf(series, 'otelcol_exporter_sent_log_records'),
        spans: sumOf(series, 'otelcol_exporter_sent_spans'),
        failed: sumOf(series, 'otelcol_exporter_send_failed_log_records'),
      };
    };
    const expected = {
      points: REQUESTS * POINTS,
      logs: (REQUESTS - REFUSED) * RECORDS,
      spans: REQUESTS * RECORDS,
      failed: REFUSED * RECORDS,
    };
    await eventually(read, (totals) => JSON.stringify(totals) === JSON.stringify(expected));
    const series = await storedSeries(stage.sql, 'otelcol');
    expect(named(series, 'otelcol_exporter_sent_log_records')?.labels).toEqual({
      'service.name': 'otelcol',
      exporter: 'otlp_grpc',
    });
  });

  it('its queue: capacity and size of each signal', async ({ skip }) => {
    if (reason !== undefined) skip(reason);
    const queues = async (metric: string) =>
      (await storedSeries(stage.sql, 'otelcol')).filter((each) => each.metric === metric);
    const capacities = await eventually(
      () => queues('otelcol_exporter_queue_capacity'),
      (all) => all.length === 3,
    );
    expect(capacities.map(({ labels }) => labels.data_type).sort()).toEqual(['logs', 'metrics', 'traces']);
    for (const { last } of capacities) expect(last).toBe(5_000);
    await eventually(
      () => queues('otelcol_exporter_queue_size'),
      (all) => all.length === 3 && all.every(({ last }) => last === 0),
    );
  });
});
