import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { minutesOfAll, reasonsOf } from './metricRows.ts';
import { useMetricStage } from './metricStage.ts';
import { gauge, minuteZeroMs, number } from './metrics.ts';

// The sidecar asks its own clock when to try again: here that clock is set. Postgres' clock goes on.
beforeAll(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: minuteZeroMs + 10_000 });
});
afterAll(() => {
  vi.useRealTimers();
});
const stage = useMetricStage();

const NAME = 'kaiku_voice_rooms_active';
const BUDGET = 100;
const HOUR_S = 3_600;
const services = Array.from({ length: BUDGET + 1 }, (_, id) => `service-${id}`);
const last = services[BUDGET] ?? '';

const send = (service: string, seconds: number, value: number) =>
  stage.send(service, [gauge([number(undefined, seconds, value)], NAME)]);

/** Minute and value of the overflow series and of the late service's own one. */
async function rows(): Promise<{ overflow: unknown[]; own: unknown[] }> {
  const all = await minutesOfAll(stage.sql, NAME);
  const of = (isWanted: (labels: Readonly<Record<string, unknown>>) => boolean) =>
    all.filter(({ labels }) => isWanted(labels)).map((row) => [row.minute, row.last]);
  return {
    overflow: of((labels) => labels['otel.metric.overflow'] === true),
    own: of((labels) => labels['service.name'] === last),
  };
}

const warnings = () => stage.logged.filter(({ event }) => event.startsWith('label budget reached')).length;

describe('overflow is tried again hourly (contract.md §1)', () => {
  it('a label set that came too late goes into the overflow series', async () => {
    await Promise.all(services.slice(0, BUDGET).map((service) => send(service, 5, 2)));
    await send(last, 5, 2);
    expect(await rows()).toEqual({ overflow: [[0, 2]], own: [] });
    expect(warnings()).toBe(1);
  });

  it('within the hour it stays there, also once a slot is free', async () => {
    await stage.sql`
      UPDATE telemetry_metric_series SET last_seen = now() - interval '25 hours' WHERE labels->>'service.name' = ${services[0] ?? ''}`;
    vi.setSystemTime(minuteZeroMs + 59 * 60_000);
    await send(last, 59 * 60, 3);
    expect((await rows()).overflow).toContainEqual([58, 3]);
    expect(await reasonsOf(stage.sql, last)).toEqual({ label_budget: 2 });
    expect(warnings()).toBe(1);
  });

  it('then it gets its own series, from the next edge of a minute on: no minute is torn', async () => {
    vi.setSystemTime(minuteZeroMs + (HOUR_S + 70) * 1_000);
    await send(last, HOUR_S + 65, 4);
    await send(last, HOUR_S + 70, 5);
    await send(last, HOUR_S + 130, 6);
    const { overflow, own } = await rows();
    expect(overflow).toContainEqual([61, 5]);
    expect(own).toEqual([[62, 6]]);
  });

  it('what still exceeds the budget is warned of again, once an hour', async () => {
    await send('service-late', HOUR_S + 70, 1);
    await send('service-later', HOUR_S + 75, 1);
    expect(warnings()).toBe(2);
    expect((await rows()).overflow).toContainEqual([61, 7]);
  });
});
