import type { Config } from '@command-center/contract/api/config';
import { cadences } from '@command-center/contract/cadences';
import { thresholdNames, thresholds } from '@command-center/contract/thresholds';
import type { Connect, Plugin } from 'vite';
import { intakeOf } from './intake.ts';
import { logsOf } from './logs.ts';
import { isScenario, type Scenario, scenarios } from './scenario.ts';
import { summaryOf } from './summary.ts';
import { trendsOf } from './trends.ts';

/**
 * Answers the API's paths with made data, so that every state of the console can be looked at without a database: `npm run dev:states -w web`,
 * then open `/states/<name>`. The choice is kept in a cookie.
 */
export function fixtures(): Plugin {
  const serve = ({ middlewares }: { middlewares: Connect.Server }): void => {
    middlewares.use((request, response, next) => {
      const url = new URL(request.url ?? '/', 'http://localhost');
      const [, state, name] = url.pathname.split('/');
      if (state === 'states' && name !== undefined && isScenario(name)) {
        response.writeHead(302, { 'Set-Cookie': `state=${name}; Path=/`, Location: `/${url.search}` }).end();
        return;
      }
      if (state === 'states') {
        response.writeHead(200, { 'Content-Type': 'text/html' });
        response.end(scenarios.map((one) => `<p><a href="/states/${one}">${one}</a></p>`).join(''));
        return;
      }
      if (!url.pathname.startsWith(base)) return next();
      const chosen = /(?:^|; )state=([a-z-]+)/.exec(request.headers.cookie ?? '')?.[1] ?? 'ok';
      const scenario = isScenario(chosen) ? chosen : 'ok';
      const { status, body } = answer(url.pathname.slice(base.length), url.searchParams, scenario);
      if (scenario === 'loading') return;
      response.writeHead(status, { 'Content-Type': status === 200 ? 'application/json' : 'application/problem+json' });
      response.end(JSON.stringify(body));
    });
  };
  return {
    name: 'fixtures',
    configureServer: serve,
    configurePreviewServer: serve,
  };
}

const base = '/api/admin/observability';

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

const problem = (status: number, code: string, detail: string): Answer => ({
  status,
  body: { type: `urn:command-center:problem:${code}`, title: code, status, detail },
});

function answer(path: string, query: URLSearchParams, scenario: Scenario): Answer {
  const nowMs = Date.now();
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
    case '/trends':
      return { status: 200, body: trendsOf(scenario, query, nowMs) };
    case '/intake':
      return { status: 200, body: intakeOf(scenario, nowMs) };
    default:
      return problem(404, 'not_found', 'Nothing is served at this path.');
  }
}

const config: Config = {
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
