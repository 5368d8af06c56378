import { type Level, level } from './platform.ts';
import { uptimeAt } from './story.ts';

/** What every process says of itself. */
export function processLevels(calmBytes: number): readonly Level[] {
  return [
    level('upDownCounter', 'process.memory.usage', 'By', ({ crowd, intensity }, random) =>
      Math.round(calmBytes * (0.9 + 0.1 * crowd + 0.35 * intensity) + random.integer(0, 4_000_000)),
    ),
    level('gauge', 'process.cpu.utilization', '1', ({ crowd, intensity }, random) =>
      Math.min(1, 0.18 * crowd + 0.4 * intensity + 0.03 * random.next()),
    ),
    level('gauge', 'process.uptime', 's', ({ nowMs }) => uptimeAt(nowMs)),
  ];
}
