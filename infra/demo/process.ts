import type { Meter } from '@opentelemetry/api';
import type { Random } from './random.ts';
import type { Moment } from './service.ts';

/** What every process says of itself; returns what it lives through. */
export function reportProcess(meter: Meter, random: Random, calmBytes: number): (moment: Moment) => void {
  const startedAt = performance.now();
  let memoryBytes = calmBytes;
  let cpu = 0.2;
  meter.createObservableUpDownCounter('process.memory.usage', { unit: 'By' }).addCallback((result) => {
    result.observe(Math.round(memoryBytes));
  });
  meter.createObservableGauge('process.cpu.utilization', { unit: '1' }).addCallback((result) => result.observe(cpu));
  meter.createObservableGauge('process.uptime', { unit: 's' }).addCallback((result) => {
    result.observe((performance.now() - startedAt) / 1_000);
  });
  return ({ intensity, crowd }) => {
    memoryBytes = calmBytes * (0.9 + 0.1 * crowd + 0.35 * intensity) + random.integer(0, 4_000_000);
    cpu = Math.min(1, 0.18 * crowd + 0.4 * intensity + 0.03 * random.next());
  };
}
