import { describe, expect, it } from 'vitest';
import { type Environment, parseSettings, readSettings, SettingsError, settingRows } from './settings.ts';

/** The variables that an environment is refused for. */
function refused(env: Environment): string[] {
  const parsed = parseSettings(env);
  return parsed.isValid ? [] : parsed.problems.map((problem) => problem.variable);
}

function message(env: Environment): string {
  try {
    readSettings(env);
    return '';
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return error.message;
  }
}

/** interfaces.md §5, its families written out; CONTRACT_YAML is CONTRACT where a runtime has no files. */
const specified = `
DATABASE_URL DATABASE_PASSWORD DATA_DIR HOST PORT SIDECAR_HOST SIDECAR_PORT SIDECAR_URL LIVE_URL OTLP_HOST OTLP_GRPC_PORT OTLP_HTTP_PORT OTLP_TOKEN
OTLP_TOKEN_PREVIOUS OTLP_TLS_CERT OTLP_TLS_KEY OTLP_TLS_CLIENT_CA OTLP_ALLOW_INSECURE LOG_MESSAGES OTLP_MAX_BODY_BYTES MEMORY_LIMIT_BYTES
ADMIN_TOKEN OIDC_ISSUER OIDC_AUDIENCE OIDC_CLIENT_ID OIDC_CLIENT_SECRET OIDC_ADMIN_CLAIM OIDC_ADMIN_VALUE
SESSION_SECRET ORIGIN_SECRET ALLOWED_ORIGINS CONTRACT CONTRACT_YAML PROBE_HTTP_URL PROBE_POSTGRES_URL PROBE_VALKEY_URL PROBE_S3_BUCKET
PROBE_S3_ENDPOINT PROBE_S3_REGION COLLECTOR_ENDPOINT PRIMARY_SERVICE GRAFANA_URL TEMPO_URL LOKI_URL PROMETHEUS_URL
EXPORT_BUCKET EXPORT_ENDPOINT EXPORT_REGION AUDIT_RETENTION_DAYS MAX_SERIES_PER_METRIC PROCESS_MEMORY_LIMIT_BYTES METRICS_LOG
FEATURE_CLIENT_TELEMETRY FEATURE_VALKEY_INFO FEATURE_DEPLOY_MARKERS FEATURE_ANOMALY_BASELINES
API_LATENCY_P95_WARN_MS API_LATENCY_P95_CRIT_MS API_ERROR_RATE_WARN_PCT API_ERROR_RATE_CRIT_PCT DB_POOL_WARN_PCT
DB_POOL_CRIT_PCT DB_QUERY_P95_WARN_MS DB_QUERY_P95_CRIT_MS VOICE_JOIN_SUCCESS_WARN_PCT VOICE_JOIN_SUCCESS_CRIT_PCT
VOICE_PACKET_LOSS_P95_WARN_PCT VOICE_PACKET_LOSS_P95_CRIT_PCT VOICE_JITTER_P95_WARN_MS VOICE_JITTER_P95_CRIT_MS
OTEL_EXPORT_FAILURE_WARN_PCT OTEL_EXPORT_FAILURE_CRIT_PCT OTEL_DROPPED_SPANS_WARN_COUNT OTEL_DROPPED_SPANS_CRIT_COUNT
OTEL_QUEUE_WARN_PCT OTEL_QUEUE_CRIT_PCT PROCESS_MEMORY_WARN_PCT PROCESS_MEMORY_CRIT_PCT
ERROR_RECORDS_WARN_COUNT ERROR_RECORDS_CRIT_COUNT`
  .trim()
  .split(/\s+/)
  .map((name) => `COMMAND_CENTER_${name}`);

describe('settings (interfaces.md §5)', () => {
  it('takes the contract as a path or as text, not as both', () => {
    const text = { COMMAND_CENTER_CONTRACT_YAML: 'valkey:\n  used_for: carts\n' };
    expect(readSettings(text).contractYaml).toBe('valkey:\n  used_for: carts');
    expect(message({ ...text, COMMAND_CENTER_CONTRACT: 'a.yaml' })).toContain(
      'one of this and COMMAND_CENTER_CONTRACT',
    );
    expect(message({ COMMAND_CENTER_CONTRACT_YAML: 'x'.repeat(5_121) })).toContain('at most 5120 characters');
  });

  it('has exactly the variables of the specification, and those of docs/adr/0024', () => {
    const names = settingRows.map((row) => row.name).filter((name) => name.startsWith('COMMAND_CENTER_'));
    expect(names.toSorted()).toEqual(specified.toSorted());
  });

  it('needs none: an empty environment gives the defaults', () => {
    const settings = readSettings({});
    expect(settings).toMatchObject({
      host: '127.0.0.1',
      port: 4319,
      otlpGrpcPort: 4317,
      otlpHttpPort: 4318,
      otlpMaxBodyBytes: 64 * 1024 * 1024,
      memoryLimitBytes: 256 * 1024 * 1024,
      maxSeriesPerMetric: 100,
      databaseUrl: undefined,
      adminToken: undefined,
    });
    expect(settings.thresholds.API_LATENCY_P95).toEqual({ warn: 200, crit: 1000 });
    expect(settings.given.size).toBe(0);
  });

  it('reads an empty value as not set', () => {
    expect(readSettings({ COMMAND_CENTER_PORT: '', COMMAND_CENTER_OTLP_TOKEN: ' ' }).given.size).toBe(0);
  });

  it('tells a port that was set from a default', () => {
    const { given, otlpGrpcPort } = readSettings({ COMMAND_CENTER_OTLP_GRPC_PORT: '4317' });
    expect([otlpGrpcPort, given.has('otlpGrpcPort'), given.has('otlpHttpPort')]).toEqual([4317, true, false]);
  });

  it.each([
    ['PORT', '0', true],
    ['PORT', '65535', true],
    ['PORT', '65536', false],
    ['PORT', '-1', false],
    ['PORT', '80.5', false],
    ['PORT', 'http', false],
    ['OTLP_MAX_BODY_BYTES', '67108864', true],
    ['OTLP_MAX_BODY_BYTES', '64MiB', true],
    ['OTLP_MAX_BODY_BYTES', '64 mb', false],
    ['OTLP_MAX_BODY_BYTES', '0', false],
    ['ADMIN_TOKEN', 'a'.repeat(32), true],
    ['ADMIN_TOKEN', 'a'.repeat(31), false],
    ['ADMIN_TOKEN', `${'a'.repeat(32)} b`, false],
    ['LOG_MESSAGES', 'none', true],
    ['LOG_MESSAGES', 'raw', false],
    ['OTLP_ALLOW_INSECURE', 'TRUE', true],
    ['OTLP_ALLOW_INSECURE', 'maybe', false],
    ['DATABASE_URL', 'postgres://a:b@c:5432/d', true],
    ['DATABASE_URL', 'postgres:///d?host=/var/run/postgresql', true],
    ['DATABASE_URL', 'mysql://a/b', false],
    ['GRAFANA_URL', 'https://grafana.example/explore?trace={trace_id}', true],
    ['GRAFANA_URL', 'javascript:alert(1)', false],
    ['ALLOWED_ORIGINS', 'https://a.example, http://b.example:8080', true],
    ['ALLOWED_ORIGINS', '*', false],
    ['AUDIT_RETENTION_DAYS', '0', false],
    ['API_ERROR_RATE_WARN_PCT', '0.5', true],
    ['API_ERROR_RATE_WARN_PCT', '101', false],
    ['API_ERROR_RATE_WARN_PCT', 'NaN', false],
  ])('%s=%s', (name, value, isAllowed) => {
    const variable = `COMMAND_CENTER_${name}`;
    expect(refused({ [variable]: value })).toEqual(isAllowed ? [] : [variable]);
  });

  it('reads sizes and origins', () => {
    const settings = readSettings({
      COMMAND_CENTER_OTLP_MAX_BODY_BYTES: '8MiB',
      COMMAND_CENTER_ALLOWED_ORIGINS: 'https://a.example/',
    });
    expect(settings.otlpMaxBodyBytes).toBe(8 * 1024 * 1024);
    expect(settings.allowedOrigins).toEqual(['https://a.example']);
  });
});

describe('a wrong value stops the start', () => {
  it('names variable, value and what is allowed, a line each, all at once', () => {
    const lines = message({ COMMAND_CENTER_PORT: '99999', COMMAND_CENTER_LOG_MESSAGES: 'all' }).split('\n');
    expect(lines).toEqual([
      'COMMAND_CENTER_PORT="99999": allowed is a port, 0 to 65535 (0 = any free port)',
      'COMMAND_CENTER_LOG_MESSAGES="all": allowed is one of redacted, none',
    ]);
  });

  it('never prints a secret', () => {
    const env = {
      COMMAND_CENTER_ADMIN_TOKEN: 'hunter2',
      COMMAND_CENTER_DATABASE_URL: 'mysql://root:hunter2@db/x',
      COMMAND_CENTER_PROBE_HTTP_URL: 'ftp://root:hunter2@host/',
      COMMAND_CENTER_OTLP_TOKN: 'hunter2',
    };
    expect(refused(env)).toHaveLength(4);
    expect(message(env)).not.toContain('hunter2');
  });

  it('puts a value on one line, however long and odd it is', () => {
    const text = message({ COMMAND_CENTER_PORT: `1\n2${'x'.repeat(10_000)}` });
    expect(text.split('\n')).toHaveLength(1);
    expect(text.length).toBeLessThan(300);
  });

  it('names the nearest variable for one it does not know', () => {
    expect(message({ COMMAND_CENTER_OTLP_GRCP_PORT: '1' })).toContain('COMMAND_CENTER_OTLP_GRPC_PORT');
    expect(refused({ COMMAND_CENTRE_PORT: '1', PATH: '/bin' })).toEqual([]);
  });

  it('refuses a warn beyond its crit, whichever way the signal falls', () => {
    expect(refused({ COMMAND_CENTER_API_LATENCY_P95_WARN_MS: '2000' })).toEqual([
      'COMMAND_CENTER_API_LATENCY_P95_WARN_MS',
    ]);
    expect(refused({ COMMAND_CENTER_VOICE_JOIN_SUCCESS_WARN_PCT: '70' })).toEqual([
      'COMMAND_CENTER_VOICE_JOIN_SUCCESS_WARN_PCT',
    ]);
    expect(refused({ COMMAND_CENTER_API_LATENCY_P95_WARN_MS: '1000' })).toEqual([]);
  });

  it('puts the password of the database where the URL has none, and refuses two that differ', () => {
    const password = 'p%4@/ :ß';
    const url = (user: string) => `postgres://${user}@db.example.com:5432/command_center?sslmode=verify-full`;
    const set = (user: string) => ({
      COMMAND_CENTER_DATABASE_URL: url(user),
      COMMAND_CENTER_DATABASE_PASSWORD: password,
    });
    const whole = readSettings(set('owner')).databaseUrl ?? '';
    expect(decodeURIComponent(new URL(whole).password)).toBe(password);
    expect(whole.replace(/:[^:@]*@/, '@')).toBe(url('owner'));
    // As the all-in-one hands both on.
    expect(readSettings({ ...set('owner'), COMMAND_CENTER_DATABASE_URL: whole }).databaseUrl).toBe(whole);
    expect(refused(set('owner:other'))).toEqual(['COMMAND_CENTER_DATABASE_PASSWORD']);
    expect(
      refused({ ...set('owner'), COMMAND_CENTER_DATABASE_URL: 'postgres://db.example.com/command_center' }),
    ).toEqual(['COMMAND_CENTER_DATABASE_URL']);
    expect(refused({ COMMAND_CENTER_DATABASE_PASSWORD: password })).toEqual(['COMMAND_CENTER_DATABASE_URL']);
    expect(message({ ...set('owner:other') })).not.toContain(password);
  });

  it('refuses an open door on another address than loopback', () => {
    const open = { COMMAND_CENTER_OTLP_HOST: '0.0.0.0' };
    expect(refused(open)).toEqual(['COMMAND_CENTER_OTLP_HOST']);
    expect(refused({ ...open, COMMAND_CENTER_OTLP_TOKEN: 'q8Zt4mWc7RkL2xVb' })).toEqual([]);
    expect(refused({ ...open, COMMAND_CENTER_OTLP_ALLOW_INSECURE: 'true' })).toEqual([]);
    expect(refused({ COMMAND_CENTER_OTLP_HOST: '::1' })).toEqual([]);
  });

  it('refuses weak secrets on another address than loopback, by their length and never their value', () => {
    const door = { COMMAND_CENTER_OTLP_HOST: '0.0.0.0' };
    for (const token of ['a-token', 'change-me-change-me', 'aaaaaaaaaaaaaaaaaaaa', 'your-token-goes-here']) {
      expect(refused({ ...door, COMMAND_CENTER_OTLP_TOKEN: token })).toEqual(['COMMAND_CENTER_OTLP_TOKEN']);
      expect(message({ ...door, COMMAND_CENTER_OTLP_TOKEN: token })).toContain(`(${token.length} characters)`);
      expect(message({ ...door, COMMAND_CENTER_OTLP_TOKEN: token })).not.toContain(token);
      expect(refused({ COMMAND_CENTER_OTLP_TOKEN: token })).toEqual([]);
    }
    const weak = {
      COMMAND_CENTER_ADMIN_TOKEN: 'changeme-changeme-changeme-changeme',
      COMMAND_CENTER_SESSION_SECRET: '-'.repeat(40),
    };
    expect(refused(weak)).toEqual([]);
    expect(refused({ ...weak, COMMAND_CENTER_HOST: '0.0.0.0' })).toEqual(Object.keys(weak));
  });

  it('refuses a password that everybody tries first, of a database on another machine', () => {
    const url = (password: string, host = 'db.acme.dev') => ({
      COMMAND_CENTER_DATABASE_URL: `postgres://owner:${password}@${host}:5432/command_center`,
    });
    for (const password of ['postgres', 'password', 'changeme1', 'secret', 'Admin123']) {
      expect([password, refused(url(password))]).toEqual([password, ['COMMAND_CENTER_DATABASE_URL']]);
      expect(refused(url(password, '127.0.0.1'))).toEqual([]);
    }
    expect(refused(url('tR7vQ2mLx9'))).toEqual([]);
    expect(refused({ COMMAND_CENTER_DATABASE_URL: 'postgres://owner@db.acme.dev/command_center' })).toEqual([]);
  });

  it('refuses half a certificate, one port for two doors, and memory for less than one request', () => {
    expect(refused({ COMMAND_CENTER_OTLP_TOKEN_PREVIOUS: 'old-token' })).toEqual(['COMMAND_CENTER_OTLP_TOKEN']);
    expect(refused({ COMMAND_CENTER_OTLP_TLS_CERT: 'a.pem' })).toEqual(['COMMAND_CENTER_OTLP_TLS_KEY']);
    expect(refused({ COMMAND_CENTER_OTLP_HTTP_PORT: '4317' })).toEqual(['COMMAND_CENTER_OTLP_HTTP_PORT']);
    expect(refused({ COMMAND_CENTER_OTLP_HTTP_PORT: '0', COMMAND_CENTER_OTLP_GRPC_PORT: '0' })).toEqual([]);
    expect(refused({ COMMAND_CENTER_MEMORY_LIMIT_BYTES: '1MiB' })).toEqual(['COMMAND_CENTER_MEMORY_LIMIT_BYTES']);
  });

  it('refuses the store of exports without a bucket', () => {
    for (const other of [
      { COMMAND_CENTER_EXPORT_ENDPOINT: 'https://s3.example.com' },
      { COMMAND_CENTER_EXPORT_REGION: 'eu-central-1' },
    ]) {
      expect(refused(other)).toEqual(['COMMAND_CENTER_EXPORT_BUCKET']);
      expect(refused({ ...other, COMMAND_CENTER_EXPORT_BUCKET: 'exports' })).toEqual([]);
    }
  });

  it('refuses what is known but not built', () => {
    expect(refused({ COMMAND_CENTER_FEATURE_DEPLOY_MARKERS: 'true' })).toEqual([
      'COMMAND_CENTER_FEATURE_DEPLOY_MARKERS',
    ]);
    expect(refused({ COMMAND_CENTER_FEATURE_DEPLOY_MARKERS: 'false' })).toEqual([]);
  });
});
