import { SeverityNumber } from '@opentelemetry/api';
import { reportProcess } from './process.ts';
import { openSender } from './sender.ts';
import type { DemoService, Surroundings } from './service.ts';

const QUEUE_CAPACITY = 1_000;

const sides = [
  { dataType: 'traces', records: 'spans', perSecond: 90 },
  { dataType: 'metrics', records: 'metric_points', perSecond: 60 },
  { dataType: 'logs', records: 'log_records', perSecond: 12 },
] as const;

/** What a collector and the SDKs say of themselves. */
export function openPipeline({ endpoint, tally, random }: Surroundings): DemoService {
  const sender = openSender({
    ...{ endpoint, tally, service: 'otelcol', version: '0.157.0', instance: 'collector-1', temporality: 'cumulative' },
  });
  const { meter, logger } = sender;
  const exporter = 'otlp_grpc/tempo';
  const outcomes = sides.map(({ dataType, records, perSecond }) => ({
    labels: { exporter, data_type: dataType },
    perSecond,
    sent: meter.createCounter(`otelcol_exporter_sent_${records}`),
    failed: meter.createCounter(`otelcol_exporter_send_failed_${records}`),
  }));
  const failures = meter.createCounter('kaiku_otel_export_failures_total', { unit: '{failure}' });
  const dropped = meter.createCounter('kaiku_otel_dropped_spans_total', { unit: '{span}' });
  let queued = 4;
  meter.createObservableGauge('otelcol_exporter_queue_size', { unit: '{batch}' }).addCallback((result) => {
    for (const { labels } of outcomes) result.observe(queued, labels);
  });
  meter.createObservableGauge('otelcol_exporter_queue_capacity', { unit: '{batch}' }).addCallback((result) => {
    for (const { labels } of outcomes) result.observe(QUEUE_CAPACITY, labels);
  });
  const live = reportProcess(meter, random, 140e6);
  return {
    live: (moment) => {
      live(moment);
      for (const { sent, failed, labels, perSecond } of outcomes) {
        const records = random.poisson(perSecond * moment.crowd * moment.seconds);
        const lost = Math.round(records * 0.03 * moment.intensity);
        sent.add(records - lost, labels);
        failed.add(lost, labels);
      }
      queued = Math.min(QUEUE_CAPACITY, random.poisson(4 + 600 * moment.intensity));
      const refused = random.poisson(0.004 * moment.seconds + moment.intensity);
      failures.add(refused, { 'error.type': 'timeout' });
      dropped.add(moment.intensity > 0.8 ? random.poisson(0.3 * moment.seconds) : 0);
      if (moment.intensity > 0.8 && random.chance(0.2)) {
        logger.emit({
          severityNumber: SeverityNumber.WARN,
          severityText: 'WARN',
          eventName: 'exporter.queue.filling',
          body: 'the sending queue is more than half full',
        });
      }
    },
    flush: () => sender.flush(),
    close: () => sender.close(),
  };
}
