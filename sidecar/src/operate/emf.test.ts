import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { createEmf, emfNamespace, startEmf } from './emf.ts';
import { createMeters } from './meters.ts';

/** What CloudWatch takes. Source: Amazon CloudWatch, "Specification: Embedded metric format", schema. */
const metric = z.object({ Name: z.string().min(1).max(1024), Unit: z.enum(['Count', 'Seconds', 'Bytes', 'None']) });
const directive = z.strictObject({
  Namespace: z.string().min(1).max(1024),
  Dimensions: z.array(z.array(z.string().min(1).max(250)).min(1).max(30)).min(1),
  Metrics: z.array(metric).min(1).max(100),
});
const embedded = z
  .looseObject({ _aws: z.strictObject({ Timestamp: z.int(), CloudWatchMetrics: z.array(directive).min(1) }) })
  .superRefine((event, context) => {
    for (const { Dimensions, Metrics } of event._aws.CloudWatchMetrics) {
      for (const name of Dimensions.flat())
        if (typeof event[name] !== 'string') context.addIssue(`dimension ${name} has no text`);
      for (const { Name } of Metrics) if (typeof event[Name] !== 'number') context.addIssue(`${Name} has no number`);
    }
  });
const read = (line: string) => embedded.parse(JSON.parse(line));
const own = (name: string): string => `command_center.sidecar.${name}`;

describe("the sidecar's own metrics as CloudWatch's embedded metric format", () => {
  it('has gauges as they are, and what counters rose by since the line before', () => {
    const meters = createMeters();
    const lines = createEmf('command-center-sidecar');
    meters.observe('ready', () => 1);
    meters.add('refusedRequests', 2, 'logs', 'overloaded');
    meters.add('refusedRequests', 3, 'metrics', 'unauthenticated');
    const [first] = lines(meters.snapshot(), 1_000).map(read);
    expect(first).toMatchObject({
      _aws: { Timestamp: 1_000, CloudWatchMetrics: [{ Namespace: emfNamespace, Dimensions: [['service.name']] }] },
      'service.name': 'command-center-sidecar',
      [own('ready')]: 1,
      [own('requests.refused')]: 5,
      [own('batches')]: 0,
    });
    meters.observe('ready', () => 0);
    meters.add('refusedRequests', 1, 'logs', 'overloaded');
    const [second] = lines(meters.snapshot(), 61_000).map(read);
    expect(second).toMatchObject({ [own('ready')]: 0, [own('requests.refused')]: 1 });
  });

  it('leaves out a gauge that has no value, so that no data is not zero', () => {
    const meters = createMeters();
    meters.observe('lag', () => undefined);
    const [line] = createEmf('s')(meters.snapshot(), 0).map(read);
    expect(Object.keys(line ?? {})).not.toContain(own('lag'));
  });

  it("tells the leader's jobs apart, each in a line of its own", () => {
    const meters = createMeters();
    const lines = createEmf('s');
    meters.add('leaderRuns', 4, 'purge');
    meters.add('leaderRuns', 1, 'rollUp');
    const jobs = () => lines(meters.snapshot(), 0).slice(1).map(read);
    expect(jobs()).toMatchObject([
      {
        _aws: { CloudWatchMetrics: [{ Dimensions: [['service.name', 'job']] }] },
        job: 'purge',
        [own('leader.runs')]: 4,
      },
      { job: 'rollUp', [own('leader.runs')]: 1 },
    ]);
    expect(jobs()).toMatchObject([{ [own('leader.runs')]: 0 }, { [own('leader.runs')]: 0 }]);
  });

  it('writes every interval and at the end, and nothing where it is not asked for', () => {
    vi.useFakeTimers();
    try {
      const written: string[] = [];
      const settings = { otelMetricExportIntervalMs: 60_000, otelServiceName: 's' };
      const write = (line: string) => void written.push(line);
      const off = startEmf({ settings: { ...settings, metricsLog: 'none' }, meters: createMeters(), write });
      const on = startEmf({ settings: { ...settings, metricsLog: 'emf' }, meters: createMeters(), write });
      vi.advanceTimersByTime(120_000);
      expect(written.map(read)).toHaveLength(2);
      off.stop();
      on.stop();
      expect(written).toHaveLength(3);
      vi.advanceTimersByTime(120_000);
      expect(written).toHaveLength(3);
    } finally {
      vi.useRealTimers();
    }
  });
});
