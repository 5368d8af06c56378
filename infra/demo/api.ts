import { SeverityNumber } from '@opentelemetry/api';
import { AggregationType } from '@opentelemetry/sdk-metrics';
import { reportProcess } from './process.ts';
import { type Route, serve } from './requests.ts';
import { openSender } from './sender.ts';
import type { DemoService, Surroundings } from './service.ts';

const POOL_MAX = 50;
const CALM_CONNECTIONS = 11;

const statement = (operation: string, table: string) => ({ operation, table });
const routes: readonly Route[] = [
  {
    method: 'GET',
    route: '/api/v1/channels/{id}/messages',
    rate: 22,
    medianS: 0.024,
    usesDatabase: true,
    statement: statement('SELECT', 'messages'),
  },
  {
    method: 'POST',
    route: '/api/v1/channels/{id}/messages',
    rate: 9,
    medianS: 0.038,
    usesDatabase: true,
    statement: statement('INSERT', 'messages'),
  },
  {
    method: 'GET',
    route: '/api/v1/guilds/{id}',
    rate: 6,
    medianS: 0.015,
    usesDatabase: true,
    statement: statement('SELECT', 'guilds'),
  },
  {
    method: 'GET',
    route: '/api/v1/users/{id}',
    rate: 7,
    medianS: 0.011,
    usesDatabase: true,
    statement: statement('SELECT', 'users'),
  },
  {
    method: 'POST',
    route: '/api/v1/auth/login',
    rate: 0.8,
    medianS: 0.13,
    usesDatabase: true,
    statement: statement('SELECT', 'users'),
  },
  {
    method: 'POST',
    route: '/api/v1/voice/join',
    rate: 0.6,
    medianS: 0.055,
    usesDatabase: true,
    statement: statement('INSERT', 'voice_sessions'),
  },
  {
    method: 'PUT',
    route: '/api/v1/attachments/{id}',
    rate: 0.9,
    medianS: 0.21,
    usesDatabase: false,
    statement: statement('INSERT', 'attachments'),
  },
];

/** The HTTP API: exponential histograms, cumulative, the database pool beside them. */
export function openApi({ endpoint, tally, random }: Surroundings): DemoService {
  const exponential = { type: AggregationType.EXPONENTIAL_HISTOGRAM } as const;
  const sender = openSender({
    ...{ endpoint, tally, service: 'kaiku-api', version: '2.8.1', instance: 'api-1', temporality: 'cumulative' },
    views: [
      { instrumentName: 'http.server.request.duration', aggregation: exponential },
      { instrumentName: 'db.client.operation.duration', aggregation: exponential },
    ],
  });
  const { meter, logger } = sender;
  const durations = meter.createHistogram('http.server.request.duration', { unit: 's' });
  const queries = meter.createHistogram('db.client.operation.duration', { unit: 's' });
  const logins = meter.createCounter('kaiku_auth_login_attempts_total', { unit: '{attempt}' });
  const refreshes = meter.createCounter('kaiku_auth_token_refresh_total', { unit: '{refresh}' });
  let used = CALM_CONNECTIONS;
  let users = 1_840;
  meter.createObservableUpDownCounter('db.client.connection.count', { unit: '{connection}' }).addCallback((result) => {
    result.observe(used, { 'db.client.connection.state': 'used' });
    result.observe(POOL_MAX - used, { 'db.client.connection.state': 'idle' });
  });
  meter
    .createObservableUpDownCounter('db.client.connection.max', { unit: '{connection}' })
    .addCallback((result) => result.observe(POOL_MAX));
  meter.createObservableGauge('kaiku_users_active', { unit: '{user}' }).addCallback((result) => result.observe(users));
  meter.createObservableGauge('kaiku_guilds', { unit: '{guild}' }).addCallback((result) => result.observe(312));
  const live = reportProcess(meter, random, 420e6);
  return {
    live: (moment) => {
      live(moment);
      serve(sender, routes, random, moment, ({ durationS, attributes }) => durations.record(durationS, attributes));
      for (const { rate, medianS, usesDatabase, statement } of routes) {
        if (!usesDatabase) continue;
        const attributes = { 'db.operation.name': statement.operation, 'db.collection.name': statement.table };
        const slowdown = 1 + 12 * moment.intensity;
        for (let query = random.poisson(rate * moment.crowd * moment.seconds); query > 0; query -= 1)
          queries.record(random.logNormal((medianS / 4) * slowdown, 0.5), {
            'db.system.name': 'postgresql',
            ...attributes,
          });
      }
      const wanted = CALM_CONNECTIONS * moment.crowd + moment.intensity * (POOL_MAX + 5 - CALM_CONNECTIONS);
      used = Math.max(1, Math.min(POOL_MAX, random.poisson(wanted * 0.2) + Math.round(wanted * 0.8)));
      users = Math.round(1_840 * moment.crowd + random.integer(-6, 6));
      logins.add(random.poisson(0.75 * moment.seconds), { outcome: 'success' });
      const rejected = random.poisson(0.06 * moment.seconds);
      if (rejected > 0) {
        logins.add(rejected, { outcome: 'failure', 'error.type': 'wrong_password' });
        logger.emit({
          severityNumber: SeverityNumber.WARN,
          severityText: 'WARN',
          eventName: 'auth.login.rejected',
          body: 'a login was rejected: wrong password',
        });
      }
      refreshes.add(random.poisson(3 * moment.crowd * moment.seconds), { outcome: 'success' });
      if (moment.intensity > 0.3 && random.chance(0.5)) {
        logger.emit({
          severityNumber: SeverityNumber.WARN,
          severityText: 'WARN',
          eventName: 'db.pool.saturated',
          body: 'more than nine of ten database connections are in use',
          attributes: { 'db.system.name': 'postgresql' },
        });
      }
      logger.emit({ severityNumber: SeverityNumber.INFO, eventName: 'http.tick', body: 'served a second of requests' });
    },
    flush: () => sender.flush(),
    close: () => sender.close(),
  };
}
