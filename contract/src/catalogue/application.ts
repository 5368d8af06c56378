import { counter, gauge, histogram, type MetricDefinition, renamed } from './definition.ts';

/** contract.md §4: database, sockets, logins and processes of the observed services. */
export const applicationMetrics: readonly MetricDefinition[] = [
  histogram({
    name: 'db.client.operation.duration',
    unit: 's',
    signal: 'latency',
    tab: 'infrastructure',
    labels: ['db.operation.name', 'db.collection.name'],
    description: 'Duration of database operations at the client.',
    sources: [
      { instrument: renamed('s', 'db.client.operation.duration') },
      { instrument: renamed('s', 'kaiku_db_query_duration_seconds') },
    ],
  }),
  gauge('sum', {
    name: 'db.client.connection.count',
    unit: '{connection}',
    signal: 'saturation',
    tab: 'infrastructure',
    labels: ['db.client.connection.state'],
    description: 'Connections in the database pool, by state.',
    sources: [
      { instrument: renamed('{connection}', 'db.client.connection.count', 'db.client.connections.usage') },
      {
        instrument: {
          id: 'kaiku_db_pool_connections',
          unit: '{connection}',
          isSplit: true,
          names: [
            { name: 'kaiku_db_pool_connections_active', fixedLabels: { 'db.client.connection.state': 'used' } },
            { name: 'kaiku_db_pool_connections_idle', fixedLabels: { 'db.client.connection.state': 'idle' } },
          ],
        },
      },
    ],
  }),
  gauge('sum', {
    name: 'db.client.connection.max',
    unit: '{connection}',
    signal: 'saturation',
    tab: 'infrastructure',
    description: 'Largest number of connections the database pool allows.',
    sources: [
      { instrument: renamed('{connection}', 'db.client.connection.max', 'db.client.connections.max') },
      { instrument: renamed('{connection}', 'kaiku_db_pool_connections_max') },
    ],
  }),
  gauge('sum', {
    name: 'kaiku_ws_connections_active',
    unit: '{connection}',
    signal: 'traffic',
    tab: 'golden_signals',
    description: 'Open socket connections.',
  }),
  counter({
    name: 'kaiku_ws_messages_total',
    unit: '{message}',
    signal: 'traffic',
    tab: 'golden_signals',
    labels: ['ws.event_type'],
    description: 'Socket messages.',
  }),
  counter({
    name: 'kaiku_ws_reconnects_total',
    unit: '{reconnect}',
    signal: 'errors',
    tab: 'golden_signals',
    labels: ['outcome', 'error.type'],
    description: 'Socket reconnects.',
  }),
  counter({
    name: 'kaiku_auth_login_attempts_total',
    unit: '{attempt}',
    signal: 'errors',
    tab: 'golden_signals',
    labels: ['outcome', 'error.type'],
    description: 'Logins tried.',
  }),
  counter({
    name: 'kaiku_auth_token_refresh_total',
    unit: '{refresh}',
    signal: 'errors',
    tab: 'golden_signals',
    labels: ['outcome', 'error.type'],
    description: 'Session renewals tried.',
  }),
  // A process reports its own memory: the sum over pods would say nothing about the limit of one.
  gauge('max', {
    name: 'process.memory.usage',
    unit: 'By',
    signal: 'saturation',
    tab: 'infrastructure',
    description: 'Memory of the largest process.',
    sources: [
      { instrument: renamed('By', 'process.memory.usage') },
      { instrument: renamed('By', 'kaiku_process_memory_bytes') },
    ],
  }),
  gauge('max', {
    name: 'process.cpu.utilization',
    unit: '1',
    signal: 'saturation',
    tab: 'infrastructure',
    description: 'CPU use of the busiest process, 0-1.',
  }),
  gauge('max', {
    name: 'nodejs.eventloop.delay.p99',
    unit: 's',
    signal: 'saturation',
    tab: 'infrastructure',
    description: 'p99 of the event loop delay of the slowest process.',
  }),
  gauge('max', {
    name: 'process.uptime',
    unit: 's',
    signal: 'metadata',
    tab: 'metadata',
    description: 'Age of the oldest process.',
  }),
  // Counted in a store that all processes share: each reports the whole.
  gauge('max', {
    name: 'kaiku_users_active',
    unit: '{user}',
    signal: 'metadata',
    tab: 'metadata',
    description: 'Active users.',
  }),
  gauge('max', {
    name: 'kaiku_guilds',
    unit: '{guild}',
    signal: 'metadata',
    tab: 'metadata',
    description: 'Guilds.',
  }),
];
