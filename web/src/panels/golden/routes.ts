import type { Trends } from '@command-center/contract/api/trends';
import { type TimeChoice, timeParameters } from '../../state/timeChoice.ts';

/** The values of a label in an answer that is split by it, in order; the overflow series has none. */
export function labelValues(answer: Trends | null, label: string): string[] {
  const values = (answer?.series ?? []).flatMap(({ labels }) => {
    const value = labels[label];
    return typeof value === 'string' ? [value] : [];
  });
  return [...new Set(values)].sort();
}

/** Short, for only the names are of interest: every value of the label brings all its windows. */
const latelyMs = 15 * 60_000;

/** The last quarter of an hour of a fixed window; of a range up to now the shortest range. */
export function latelyOf(time: TimeChoice): Record<string, string> {
  if (time.type === 'range') return { range: '1h' };
  return timeParameters({ ...time, fromMs: Math.max(time.fromMs, time.toMs - latelyMs) });
}
