import { exact, percentileText } from '../../ui/numbers.ts';
import { dayText, minuteText, type Zone } from '../../ui/times.ts';
import { type LatencyRow, percentileNames } from './latency.ts';

/** What a percentile of a row reads as: unknown is said, never left blank. */
export function percentileCell(row: LatencyRow, name: (typeof percentileNames)[number], unit: string): string {
  const percentile = row[name];
  if (percentile !== null) return percentileText(percentile, unit);
  return row.count === 0 ? 'no requests' : 'not known';
}

export function rowTime(row: LatencyRow, zone: Zone): string {
  return `${dayText(row.tsMs, zone)} ${minuteText(row.tsMs, zone)}${row.isOpen ? ' (still open)' : ''}`;
}

/** A row in one sentence, for who does not see the chart. */
export function readoutText(row: LatencyRow, unit: string, zone: Zone): string {
  const values = percentileNames.map((name) => `${name} ${percentileCell(row, name, unit)}`);
  return `${rowTime(row, zone)}: ${values.join(', ')}, ${exact(row.count)} requests`;
}
