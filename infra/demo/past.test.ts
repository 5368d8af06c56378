import { type DataPoint, DataPointType, type MetricData } from '@opentelemetry/sdk-metrics';
import { describe, expect, it } from 'vitest';
import { claimOf, MINUTE_MS, pastOf } from './past.ts';
import type { Service } from './platform.ts';
import { services } from './services.ts';

/** A Wednesday, 14:30 UTC: the outage begins. */
const OUTAGE = Date.UTC(2026, 10, 18, 14, 30) / MINUTE_MS;

const metricsOf = (service: Service, from: number, to: number): readonly MetricData[] =>
  pastOf(service, 1, from, to).metrics.scopeMetrics.flatMap(({ metrics }) => metrics);
const pointsOf = (service: Service, from: number, to: number) =>
  metricsOf(service, from, to).flatMap((metric) =>
    metric.dataPoints.map((point: DataPoint<unknown>) => ({ metric: metric.descriptor.name, ...point })),
  );
const streamOf = ({ metric, attributes }: { metric: string; attributes: object }): string =>
  JSON.stringify([metric, attributes]);

describe.each(services.map((service) => ({ name: service.name, service })))('the past of $name', ({ service }) => {
  it('is a function of the seed and the minute, however it is cut into requests', () => {
    const sorted = (points: ReturnType<typeof pointsOf>) => points.map((point) => JSON.stringify(point)).sort();
    const whole = pointsOf(service, OUTAGE, OUTAGE + 30);
    const cut = [...pointsOf(service, OUTAGE, OUTAGE + 7), ...pointsOf(service, OUTAGE + 7, OUTAGE + 30)];
    expect(sorted(cut)).toEqual(sorted(whole));
    const events = (from: number, to: number) => pastOf(service, 1, from, to).events;
    expect([...events(OUTAGE, OUTAGE + 7), ...events(OUTAGE + 7, OUTAGE + 30)]).toEqual(events(OUTAGE, OUTAGE + 30));
    expect(pastOf(service, 2, OUTAGE, OUTAGE + 1).metrics).not.toEqual(pastOf(service, 1, OUTAGE, OUTAGE + 1).metrics);
  });

  it('has each metric that the service reports while it lives', () => {
    const lives = [
      ...service.counted.map(({ counter }) => counter.name),
      ...service.measured.flatMap(({ histogram, counters }) =>
        [histogram, ...(counters ?? [])].map(({ name }) => name),
      ),
      ...service.levels.map(({ name }) => name),
    ];
    const past = metricsOf(service, OUTAGE, OUTAGE + 60).filter(({ dataPoints }) => dataPoints.length > 0);
    expect(past.map(({ descriptor }) => descriptor.name).sort()).toEqual([...new Set(lives)].sort());
  });

  it('has one point a minute and stream, each an interval of its own', () => {
    const seen = new Set<string>();
    for (const point of pointsOf(service, OUTAGE, OUTAGE + 60)) {
      expect(point.endTime[0] - point.startTime[0]).toBe(60);
      seen.add(`${point.endTime[0]} ${streamOf(point)}`);
    }
    expect(seen.size).toBe(pointsOf(service, OUTAGE, OUTAGE + 60).length);
  });

  it('is claimed in every stream of increases that it can have, with nothing in it', () => {
    const claimed = claimOf(service, OUTAGE, OUTAGE + 1).scopeMetrics.flatMap(({ metrics }) => metrics);
    const streams = new Set<string>();
    for (const metric of claimed) {
      for (const point of metric.dataPoints as readonly DataPoint<unknown>[]) {
        streams.add(streamOf({ metric: metric.descriptor.name, attributes: point.attributes }));
        if (metric.dataPointType === DataPointType.SUM) expect(point.value).toBe(0);
        else expect(point.value).toMatchObject({ count: 0, sum: 0 });
      }
    }
    const increases = pastOf(service, 1, OUTAGE, OUTAGE + 60).metrics.scopeMetrics[0]?.metrics ?? [];
    for (const { descriptor, dataPoints } of increases)
      for (const { attributes } of dataPoints)
        expect(streams).toContain(streamOf({ metric: descriptor.name, attributes }));
  });
});

describe('the past', () => {
  it('keeps thousands of log records and spans a month, most of them of incidents', () => {
    const day = services.flatMap((service) => pastOf(service, 1, OUTAGE - 870, OUTAGE + 570).events);
    expect(day.length).toBeGreaterThan(300);
    expect(day.length).toBeLessThan(5_000);
    const inOutage = day.filter(({ minute }) => minute >= OUTAGE && minute < OUTAGE + 50);
    expect(inOutage.length / 50).toBeGreaterThan((5 * day.length) / 1_440);
    const said = inOutage.flatMap((event) => (event.type === 'said' ? [event.said.event] : []));
    expect(said).toContain('db.pool.saturated');
    const statuses = inOutage.flatMap((event) => (event.type === 'request' ? [event.answer.status] : []));
    expect(statuses).toContain(503);
  });
});
