import { SeverityNumber } from '@opentelemetry/api';
import { type Counted, type Counter, type Level, level, type Measured, type Route, type Service } from './platform.ts';
import { processLevels } from './process.ts';
import { requestsOf } from './requests.ts';

const POOL_MAX = 50;
const CALM_CONNECTIONS = 11;
const USERS = 1_840;
const GUILDS = 312;
/** In the incident a statement takes this many times longer. */
const SLOWDOWN = 12;

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
    statement: statement('SELECT', 'sessions'),
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

const durations = { name: 'http.server.request.duration', unit: 's', bounds: undefined };
const queries = { name: 'db.client.operation.duration', unit: 's', bounds: undefined };
const logins: Counter = { name: 'kaiku_auth_login_attempts_total', unit: '{attempt}' };
const refreshes: Counter = { name: 'kaiku_auth_token_refresh_total', unit: '{refresh}' };
const REJECTED_LOGINS = 0.06;

/** The statement of each route that has one. */
const statements: readonly Measured[] = routes
  .filter(({ usesDatabase }) => usesDatabase)
  .map(({ statement: { operation, table }, rate, medianS }) => ({
    histogram: queries,
    attributes: { 'db.system.name': 'postgresql', 'db.operation.name': operation, 'db.collection.name': table },
    rate: ({ crowd }) => rate * crowd,
    median: ({ intensity }) => (medianS / 4) * (1 + SLOWDOWN * intensity),
    spread: 0.5,
  }));

const counted: readonly Counted[] = [
  { counter: logins, attributes: { outcome: 'success' }, rate: () => 0.75 },
  {
    counter: logins,
    attributes: { outcome: 'failure', 'error.type': 'wrong_password' },
    rate: () => REJECTED_LOGINS,
  },
  { counter: refreshes, attributes: { outcome: 'success' }, rate: ({ crowd }) => 3 * crowd },
];

const pool: Level = {
  kind: 'upDownCounter',
  name: 'db.client.connection.count',
  unit: '{connection}',
  read: ({ crowd, intensity }, random) => {
    const wanted = CALM_CONNECTIONS * crowd + intensity * (POOL_MAX + 5 - CALM_CONNECTIONS);
    const used = Math.max(1, Math.min(POOL_MAX, random.poisson(wanted * 0.2) + Math.round(wanted * 0.8)));
    return [
      { value: used, attributes: { 'db.client.connection.state': 'used' } },
      { value: POOL_MAX - used, attributes: { 'db.client.connection.state': 'idle' } },
    ];
  },
};

/** The HTTP API: exponential histograms, cumulative, the database pool beside them. */
export const api: Service = {
  ...{ name: 'kaiku-api', version: '2.8.1', instance: 'api-1', temporality: 'cumulative' },
  measured: [...requestsOf(routes, durations, () => []), ...statements],
  counted,
  levels: [
    pool,
    level('upDownCounter', 'db.client.connection.max', '{connection}', () => POOL_MAX),
    level('gauge', 'kaiku_users_active', '{user}', ({ crowd }, random) =>
      Math.round(USERS * crowd + random.integer(-6, 6)),
    ),
    level('gauge', 'kaiku_guilds', '{guild}', () => GUILDS),
    ...processLevels(420e6),
  ],
  said: [
    {
      severity: SeverityNumber.WARN,
      event: 'auth.login.rejected',
      body: 'a login was rejected: wrong password',
      attributes: {},
      rate: () => REJECTED_LOGINS,
    },
    {
      severity: SeverityNumber.WARN,
      event: 'db.pool.saturated',
      body: 'more than nine of ten database connections are in use',
      attributes: { 'db.system.name': 'postgresql' },
      rate: ({ intensity }) => (intensity > 0.3 ? 0.5 : 0),
    },
    // Chatter, which the product leaves to the log store.
    {
      severity: SeverityNumber.INFO,
      event: 'http.tick',
      body: 'served a second of requests',
      attributes: {},
      rate: () => 1,
    },
  ],
};
