import type { StoredSummary, VitalSign } from '@command-center/contract/api/summary';

const sign: VitalSign = {
  value: 120,
  unit: 'ms',
  colour: 'green',
  unknown: false,
  n: 100,
  numerator: null,
  subject: 'p95 over 5 min',
  quality: 'exact',
  lo: 118,
  hi: 122,
  thresholds: { warn: 200, crit: 1000 },
  age_s: 4,
  sparkline: [{ ts: '2026-03-10T12:00:00.000Z', value: 120 }],
};

/** What a leading sidecar may have written. */
export const storedSummary: StoredSummary = {
  verdict: { status: 'ok', reason: 'All is well', since: '2026-03-10T10:00:00.000Z' },
  vital_signs: { latency: sign, traffic: sign, errors: sign, saturation: sign },
  services: [
    { id: 'http_api', name: 'HTTP API', status: 'healthy', reason: 'answers', since: '2026-03-10T10:00:00.000Z' },
    { id: 's3', name: 'S3', status: 'unconfigured', reason: 'not set', since: null },
    {
      id: 'otel_pipeline',
      name: 'OTel Pipeline',
      status: 'healthy',
      reason: 'data flows',
      since: '2026-03-10T10:00:00.000Z',
    },
  ],
  alerts: [
    {
      signal: 'x',
      subject: 'y',
      value: 1,
      unit: '%',
      colour: 'yellow',
      threshold: 1,
      since: '2026-03-10T10:00:00.000Z',
    },
  ],
  transitions: [
    {
      ts: '2026-03-10T10:00:00.000Z',
      service: 'http_api',
      old_status: 'down',
      new_status: 'healthy',
      reason: 'answers',
    },
  ],
  voice: { active_sessions: 3, active_rooms: 2, join_success_rate_1h: 99.5 },
  metadata: {
    service: 'orders',
    version: '4.2.0',
    environment: 'production',
    uptime_s: 10,
    users_active: 5,
    guilds: 2,
  },
  started_at: '2026-03-10T10:00:00.000Z',
  freshness: { metrics: '2026-03-10T12:00:00.000Z', logs: null, traces: null },
};
