import { httpOk } from '@command-center/contract/reasons';
import { beforeAll, describe, expect, it } from 'vitest';
import { manyPoints } from './manyPoints.ts';
import { openSidecar, postProtobuf, type SidecarStage } from './sidecarStage.ts';

const MAX_SERIES = 100;
const SENDERS = 10;
const LABEL_SETS_A_SENDER = 1_000;

let stage: SidecarStage;
beforeAll(async () => {
  stage = await openSidecar({ COMMAND_CENTER_MAX_SERIES_PER_METRIC: String(MAX_SERIES) });
});

/** Each label set of each sender once more: 10,000 in all, each with an increase of 1. */
async function sendAll(timeMs: number): Promise<void> {
  for (let sender = 0; sender < SENDERS; sender++) {
    const from = sender * LABEL_SETS_A_SENDER;
    const names = { metric: 'otelcol_exporter_sent_spans', unit: '{span}', attribute: 'exporter' };
    const request = { service: 'collector', instance: `pod-${sender}`, ...names, from, to: from + LABEL_SETS_A_SENDER };
    const answer = await postProtobuf(stage.sidecar, 'metrics', manyPoints({ ...request, timeMs }));
    expect(answer).toMatchObject({ status: httpOk, rejected: 0, message: '' });
  }
}

describe('10,000 label sets on one metric (contract.md §1, "Budget")', () => {
  it('fill its budget and then its overflow series; nothing is rejected, the total is right, and one warning says so', async () => {
    const nowMs = Date.now();
    await sendAll(nowMs - 30_000);
    await sendAll(nowMs);
    const [row] = await stage.sql`
      SELECT count(DISTINCT s.id)::integer AS series, sum(w.value_sum) AS total,
        sum(w.value_sum) FILTER (WHERE s.labels ? 'otel.metric.overflow') AS overflow
      FROM (SELECT * FROM telemetry_open_windows UNION ALL SELECT * FROM telemetry_metric_samples) AS w
      JOIN telemetry_metric_series AS s ON s.id = w.series_id WHERE s.metric_name = 'otelcol_exporter_sent_spans'`;
    const labelSets = SENDERS * LABEL_SETS_A_SENDER;
    expect(row).toEqual({ series: MAX_SERIES + 1, total: labelSets * 2, overflow: (labelSets - MAX_SERIES) * 2 });
    const { code, stderr } = await stage.close();
    expect(code).toBe(0);
    const warnings = stderr.split('\n').filter((line) => line.includes('"label budget reached'));
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('otelcol_exporter_sent_spans');
  });
});
