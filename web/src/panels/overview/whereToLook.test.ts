import type { Summary } from '@command-center/contract/api/summary';
import { thresholds } from '@command-center/contract/thresholds';
import { describe, expect, it } from 'vitest';
import { summaryOf } from '../../../dev/summary.ts';
import { whereToLook } from './whereToLook.ts';

const well = summaryOf('ok', Date.UTC(2026, 10, 27));
const verdict = { ...well.verdict, status: 'degraded' as const };

function withService(id: string, status: 'degraded' | 'down'): Summary {
  const services = well.services.map((one) => (one.id === id ? { ...one, status } : one));
  return { ...well, verdict: { ...verdict, status }, services };
}

function withAlert(signal: string, subject: string): Summary {
  const since = well.now;
  const alert = { signal, subject, value: 1, unit: '%', colour: 'red' as const, threshold: 1, since };
  return { ...well, verdict, alerts: [alert] };
}

describe('from the verdict to its cause', () => {
  it.each([
    ['http_api', 'golden'],
    ['websocket_hub', 'golden'],
    ['voice_sfu', 'voice'],
    ['postgresql', 'infrastructure'],
    ['valkey', 'infrastructure'],
    ['s3', 'infrastructure'],
    ['otel_pipeline', 'infrastructure'],
  ])('%s down leads to %s', (id, tab) => {
    expect(whereToLook(withService(id, 'down')).tab).toBe(tab);
  });

  it('a red latency leads to the signals with the errors drawn into them', () => {
    const { latency } = well.vital_signs;
    const vital_signs = { ...well.vital_signs, latency: { ...latency, colour: 'red' as const } };
    expect(whereToLook({ ...well, verdict, vital_signs })).toEqual({ tab: 'golden', isIncident: true });
  });

  it.each(Object.values(thresholds).map(({ signal }) => signal))('%s leads to a tab that shows it', (signal) => {
    const { tab } = whereToLook(withAlert(signal, 'checkout'));
    const expected = signal.startsWith('Voice') ? 'voice' : signal.startsWith('API') ? 'golden' : 'infrastructure';
    expect(tab).toBe(signal.startsWith('ERROR') ? 'logs' : expected);
  });

  it('a burst of errors leads to those of its service', () => {
    expect(whereToLook(withAlert('ERROR records, last 5 min', 'checkout'))).toMatchObject({
      tab: 'logs',
      level: 'ERROR',
      service: 'checkout',
    });
  });

  it('silence of all telemetry leads to what arrived, whatever is said to be wrong', () => {
    const down = withService('http_api', 'degraded');
    const long = new Date(Date.parse(well.now) - 200_000).toISOString();
    expect(whereToLook({ ...down, freshness: { metrics: long, logs: null, traces: long } })).toEqual({ tab: 'intake' });
    expect(whereToLook({ ...down, freshness: { metrics: long, logs: well.now, traces: null } }).tab).toBe('golden');
  });

  it('what is unknown or stale leads to what arrived', () => {
    expect(whereToLook({ ...well, stale: true })).toEqual({ tab: 'intake' });
    expect(whereToLook({ ...well, verdict: { ...verdict, status: 'unknown' } })).toEqual({ tab: 'intake' });
  });
});
