import { noVoice, type ServiceHealth, type Summary, type VitalSign } from '@command-center/contract/api/summary';
import { services } from '@command-center/contract/services';
import { isEmpty, minuteMs, type Scenario, seeded } from './scenario.ts';

const iso = (ms: number): string => new Date(ms).toISOString();

export function summaryOf(scenario: Scenario, nowMs: number): Summary {
  const isNew = isEmpty(scenario);
  const since = iso(nowMs - 23 * minuteMs);
  const isStale = scenario === 'stale';
  const writtenMs = isStale ? nowMs - 2 * minuteMs : nowMs - 2_000;
  return {
    verdict: verdictOf(scenario, since, iso(writtenMs)),
    vital_signs: signsOf(scenario, nowMs),
    services: servicesOf(scenario, nowMs),
    transitions: transitionsOf(scenario, nowMs),
    alerts: alertsOf(scenario, since),
    voice: noVoice,
    metadata: isNew
      ? { service: null, version: null, environment: null, uptime_s: null, users_active: null, guilds: null }
      : {
          service: 'checkout',
          version: '4.2.0',
          environment: 'production',
          uptime_s: 529_200,
          users_active: 1204,
          guilds: 88,
        },
    started_at: iso(scenario === 'collecting' ? nowMs - 20_000 : nowMs - 6 * 86_400_000),
    freshness: isNew
      ? { metrics: null, logs: null, traces: null }
      : { metrics: iso(nowMs - 20_000), logs: iso(nowMs - 3_000), traces: iso(nowMs - 8_000) },
    written_at: iso(writtenMs),
    stale: isStale,
    now: iso(nowMs),
    audit_failures: 0,
  };
}

function verdictOf(scenario: Scenario, since: string, written: string): Summary['verdict'] {
  if (isEmpty(scenario)) return { status: 'unknown', reason: 'nothing has been heard yet', since: null };
  switch (scenario) {
    case 'degraded':
      return { status: 'degraded', reason: 'p95 of GET /cart/{id} is 1.4 s (red above 1 s), checkout', since };
    case 'down':
      return { status: 'down', reason: 'PostgreSQL: no answer within 2 s', since };
    case 'stale':
      return { status: 'down', reason: `OTel Pipeline: no sidecar has written since ${written}`, since: written };
    default:
      return { status: 'ok', reason: 'All that reports is healthy.', since };
  }
}

function alertsOf(scenario: Scenario, since: string): Summary['alerts'] {
  if (scenario !== 'degraded') return [];
  return [
    { signal: 'API p95 latency', subject: 'checkout', value: 1380, unit: 'ms', colour: 'red', threshold: 1000, since },
    { signal: 'DB pool utilisation', subject: 'orders', value: 78, unit: '%', colour: 'yellow', threshold: 70, since },
  ];
}

function transitionsOf(scenario: Scenario, nowMs: number): Summary['transitions'] {
  if (scenario !== 'degraded') return [];
  const change = (
    minutes: number,
    from: ServiceHealth['status'],
    to: ServiceHealth['status'],
    reason: string,
    service = 'postgresql',
  ) => ({ ts: iso(nowMs - minutes * minuteMs), service, old_status: from, new_status: to, reason });
  return [
    change(23, 'healthy', 'degraded', 'no idle connections in the pool of orders'),
    change(181, 'down', 'healthy', 'answers'),
    change(184, 'healthy', 'down', 'no answer within 2 s'),
    change(360, 'degraded', 'healthy', 'answers', 'websocket_hub'),
    change(371, 'healthy', 'degraded', 'p95 of dispatch above 250 ms', 'websocket_hub'),
  ];
}

function servicesOf(scenario: Scenario, nowMs: number): ServiceHealth[] {
  const since = iso(nowMs - 6 * 3_600_000);
  return services.map(({ id, name }): ServiceHealth => {
    if (isEmpty(scenario) && id !== 'postgresql')
      return { id, name, status: 'unknown', reason: 'nothing heard yet', since: null };
    if (scenario === 'stale') return { id, name, status: 'unknown', reason: 'no sidecar writes', since };
    if (id === 's3') return { id, name, status: 'unconfigured', reason: '', since: null };
    if (id === 'voice_sfu')
      return { id, name, status: 'unknown', reason: 'nothing heard for 3 min', since: iso(nowMs - 9 * minuteMs) };
    if (id === 'postgresql' && scenario === 'down')
      return { id, name, status: 'down', reason: 'no answer within 2 s', since: iso(nowMs - 23 * minuteMs) };
    if (id === 'postgresql' && scenario === 'degraded')
      return {
        id,
        name,
        status: 'degraded',
        reason: 'no idle connections in the pool of orders',
        since: iso(nowMs - 23 * minuteMs),
      };
    return { id, name, status: 'healthy', reason: 'answers', since };
  });
}

function signsOf(scenario: Scenario, nowMs: number): Summary['vital_signs'] {
  const isBad = scenario === 'degraded' || scenario === 'down';
  const isFew = scenario === 'few';
  const hasNone = isEmpty(scenario) || scenario === 'stale';
  const sign = (seed: number, base: number, rise: number, more: Partial<VitalSign>): VitalSign => ({
    value: base,
    unit: '%',
    colour: 'green',
    unknown: false,
    n: null,
    numerator: null,
    subject: '',
    quality: null,
    lo: null,
    hi: null,
    thresholds: { warn: null, crit: null },
    age_s: 12,
    sparkline: isEmpty(scenario) ? [] : hourOf(seed, base, rise, nowMs),
    ...more,
    ...(hasNone
      ? {
          value: null,
          colour: null,
          unknown: true,
          age_s: isEmpty(scenario) ? null : 130,
          quality: null,
          numerator: null,
        }
      : {}),
  });
  return {
    latency: sign(1, isBad ? 420 : 130, isBad ? 960 : 0, {
      value: isBad ? 1380 : 134,
      unit: 'ms',
      colour: isBad ? 'red' : 'green',
      n: isFew ? 3 : 64_210,
      subject: 'p95 over 5 min, checkout',
      quality: 'exact',
      lo: isBad ? 1372 : 133,
      hi: isBad ? 1402 : 136,
      thresholds: { warn: 200, crit: 1000 },
    }),
    traffic: sign(2, isFew ? 0.05 : 214, 0, {
      unit: '/s',
      colour: null,
      n: isFew ? 3 : 12_840,
      subject: 'requests over 1 min',
    }),
    errors: sign(3, isFew ? 33.3 : 0.4, 0, {
      colour: isFew ? null : 'green',
      n: isFew ? 3 : 12_840,
      numerator: isFew ? 1 : 52,
      subject: '5xx over 5 min',
      thresholds: { warn: 1, crit: 5 },
    }),
    saturation: sign(4, isBad ? 52 : 48, isBad ? 26 : 12, {
      value: isBad ? 78 : 61,
      colour: isBad ? 'yellow' : 'green',
      subject: 'DB pool, orders',
      thresholds: { warn: 70, crit: 90 },
    }),
  };
}

/** An hour of minutes with some noise, a rise at the end and a gap. */
function hourOf(seed: number, base: number, rise: number, nowMs: number): VitalSign['sparkline'] {
  const random = seeded(seed);
  const first = Math.floor(nowMs / minuteMs - 60) * minuteMs;
  return Array.from({ length: 60 }, (_, minute) => ({
    ts: iso(first + minute * minuteMs),
    value:
      minute > 20 && minute < 24
        ? null
        : base * (0.85 + 0.3 * random()) + (minute > 38 ? (rise * (minute - 38)) / 22 : 0),
  }));
}
