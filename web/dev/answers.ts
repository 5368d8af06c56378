import type { Config } from '@command-center/contract/api/config';
import { cadences } from '@command-center/contract/cadences';
import { thresholdNames, thresholds } from '@command-center/contract/thresholds';
import { infrastructureOf } from './infrastructure.ts';
import { intakeOf } from './intake.ts';
import { linksOf } from './links.ts';
import { logsOf } from './logs.ts';
import type { Scenario } from './scenario.ts';
import { summaryOf } from './summary.ts';
import { topErrorsOf, topRoutesOf } from './top.ts';
import { tracesOf } from './traces.ts';
import { trendsOf } from './trends.ts';
import { voiceQualityOf, voiceSummaryOf } from './voice.ts';

/** Where the API stands. */
export const base = '/api/admin/observability';

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

const problem = (status: number, code: string, detail: string): Answer => ({
  status,
  body: { type: `urn:command-center:problem:${code}`, title: code, status, detail },
});

/** What the API answers at a path below its base, in a scenario, at a time. */
export function answer(path: string, query: URLSearchParams, scenario: Scenario, nowMs = Date.now()): Answer {
  if (scenario === 'signed-out') return problem(401, 'unauthenticated', 'Send the admin token, or log in.');
  if (scenario === 'forbidden') {
    return problem(
      403,
      'forbidden',
      'You are signed in as a@example.org, without the admin role (`roles` must hold `system-admin`).',
    );
  }
  if (scenario === 'database-away' && path !== '/config') {
    return problem(503, 'database_unavailable', 'Postgres is away or too slow.');
  }
  switch (path) {
    case '/summary':
      return { status: 200, body: summaryOf(scenario, nowMs) };
    case '/config':
      return { status: 200, body: config };
    case '/logs':
      return { status: 200, body: logsOf(scenario, query, nowMs) };
    case '/traces':
      return { status: 200, body: tracesOf(scenario, query, nowMs) };
    case '/links':
      return { status: 200, body: linksOf(scenario) };
    case '/trends':
      return { status: 200, body: trendsOf(scenario, query, nowMs) };
    case '/top-routes':
      return { status: 200, body: topRoutesOf(scenario, query, nowMs) };
    case '/top-errors':
      return { status: 200, body: topErrorsOf(scenario, nowMs) };
    case '/voice/summary':
      return { status: 200, body: voiceSummaryOf(scenario, nowMs) };
    case '/voice/quality':
      return { status: 200, body: voiceQualityOf(scenario, query, nowMs) };
    case '/infrastructure':
      return { status: 200, body: infrastructureOf(scenario, query, nowMs) };
    case '/intake':
      return { status: 200, body: intakeOf(scenario, nowMs) };
    case '/live/ticket':
      return { status: 200, body: { ticket: 'a-ticket', expires_at: new Date(nowMs + 30_000).toISOString() } };
    default:
      return problem(404, 'not_found', 'Nothing is served at this path.');
  }
}

export const config: Config = {
  version: '0.1.0',
  thresholds: thresholdNames.map((name) => {
    const { signal, unit, warn, crit, isLowerWorse } = thresholds[name];
    return { name, signal, unit, warn, crit, lower_is_worse: isLowerWorse };
  }),
  cadences: { ...cadences },
  live_url: null,
  features: { client_telemetry: false, valkey_info: false, deploy_markers: false, anomaly_baselines: false },
  retention_days: 30,
  valkey_used_for: null,
  otlp: { grpc: '127.0.0.1:14317', http: 'http://127.0.0.1:14318' },
  collector_endpoint: null,
};
