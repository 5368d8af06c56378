import process from 'node:process';
import type { Meters } from './meters.ts';

/** A timer of this period measures how late the event loop is. */
const TICK_MS = 100;

/** Measures the process itself. Returns what ends it. */
export function measureProcess(meters: Meters): () => void {
  meters.observe('residentMemory', () => process.memoryUsage.rss());
  meters.observe('heapUsed', () => process.memoryUsage().heapUsed);
  meters.observe('heapTotal', () => process.memoryUsage().heapTotal);
  let dueMs = performance.now() + TICK_MS;
  const timer = setInterval(() => {
    const nowMs = performance.now();
    meters.record('loopDelay', Math.max(nowMs - dueMs, 0) / 1000);
    dueMs = nowMs + TICK_MS;
  }, TICK_MS);
  timer.unref();
  return () => clearInterval(timer);
}
