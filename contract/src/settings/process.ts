import {
  bytes,
  choice,
  file,
  flag,
  host,
  integer,
  origins,
  phrase,
  port,
  postgresUrl,
  secret,
  text,
  url,
} from './row.ts';

const optional = { fallback: undefined } as const;

/** interfaces.md §5: where the processes listen, what they keep, and who may enter. */
export const processRows = {
  databaseUrl: postgresUrl({
    name: 'COMMAND_CENTER_DATABASE_URL',
    meaning:
      'Postgres 15-18. TimescaleDB may be installed there and is not used. Unset, the all-in-one starts an embedded one.',
    fallback: undefined,
    defaultText: 'embedded Postgres',
  }),
  databasePassword: phrase({
    name: 'COMMAND_CENTER_DATABASE_PASSWORD',
    meaning: 'Password of that URL, where it names none: for what hands out secrets one by one.',
    ...optional,
  }),
  dataDir: file({
    name: 'COMMAND_CENTER_DATA_DIR',
    meaning: 'Folder of the embedded Postgres and of the secrets of the all-in-one.',
    fallback: '.data',
  }),
  host: host({
    name: 'COMMAND_CENTER_HOST',
    meaning: 'Address of console, API and live in the all-in-one, and of the standalone API.',
    fallback: '127.0.0.1',
  }),
  port: port({ name: 'COMMAND_CENTER_PORT', meaning: 'Port of the same.', fallback: 4319 }),
  sidecarHost: host({
    name: 'COMMAND_CENTER_SIDECAR_HOST',
    meaning: 'Address of the standalone sidecar: live, /healthz, /readyz, /metrics.',
    fallback: '127.0.0.1',
  }),
  sidecarPort: port({ name: 'COMMAND_CENTER_SIDECAR_PORT', meaning: 'Port of the same.', fallback: 4320 }),
  sidecarUrl: url({
    name: 'COMMAND_CENTER_SIDECAR_URL',
    meaning:
      'Of the standalone API on Node: the sidecar that it hands the live socket on to, so that console, API and live are one origin without a proxy.',
    protocols: ['http:'],
    ...optional,
  }),
  liveUrl: url({
    name: 'COMMAND_CENTER_LIVE_URL',
    meaning: 'Where browsers find the live socket.',
    protocols: ['ws:', 'wss:', 'http:', 'https:'],
    fallback: undefined,
    defaultText: "the all-in-one's own",
  }),
  otlpHost: host({
    name: 'COMMAND_CENTER_OTLP_HOST',
    meaning: 'Address of the OTLP door. Another than loopback needs a token, client certificates, or ALLOW_INSECURE.',
    fallback: '127.0.0.1',
  }),
  otlpGrpcPort: port({ name: 'COMMAND_CENTER_OTLP_GRPC_PORT', meaning: 'Port of OTLP/gRPC.', fallback: 4317 }),
  otlpHttpPort: port({ name: 'COMMAND_CENTER_OTLP_HTTP_PORT', meaning: 'Port of OTLP/HTTP.', fallback: 4318 }),
  otlpToken: secret({
    name: 'COMMAND_CENTER_OTLP_TOKEN',
    meaning: 'Bearer token that senders of telemetry must show.',
    minLength: 1,
    ...optional,
  }),
  otlpTokenPrevious: secret({
    name: 'COMMAND_CENTER_OTLP_TOKEN_PREVIOUS',
    meaning:
      'The one before it, taken as well until all senders have the new one: what they send with a wrong token they drop.',
    minLength: 1,
    ...optional,
  }),
  otlpTlsCert: file({
    name: 'COMMAND_CENTER_OTLP_TLS_CERT',
    meaning: 'Certificate chain of the OTLP door (PEM).',
    ...optional,
  }),
  otlpTlsKey: file({ name: 'COMMAND_CENTER_OTLP_TLS_KEY', meaning: 'Its private key (PEM).', ...optional }),
  otlpTlsClientCa: file({
    name: 'COMMAND_CENTER_OTLP_TLS_CLIENT_CA',
    meaning: 'Authorities whose client certificates are asked for and accepted (PEM): mTLS.',
    ...optional,
  }),
  otlpAllowInsecure: flag({
    name: 'COMMAND_CENTER_OTLP_ALLOW_INSECURE',
    meaning: 'Allow an open door on another address than loopback.',
    fallback: false,
  }),
  otlpMaxBodyBytes: bytes({
    name: 'COMMAND_CENTER_OTLP_MAX_BODY_BYTES',
    meaning: 'One request, before and after decompression.',
    max: 2 ** 30,
    fallback: 64 * 2 ** 20,
    defaultText: '64MiB',
  }),
  memoryLimitBytes: bytes({
    name: 'COMMAND_CENTER_MEMORY_LIMIT_BYTES',
    meaning: 'Bytes in flight and state of the sidecar together; at least one request of the largest size.',
    max: 64 * 2 ** 30,
    fallback: 256 * 2 ** 20,
    defaultText: '256MiB',
  }),
  logMessages: choice({
    name: 'COMMAND_CENTER_LOG_MESSAGES',
    meaning: '`none` stores no message text of logs.',
    values: ['redacted', 'none'],
    fallback: 'redacted',
  }),
  adminToken: secret({
    name: 'COMMAND_CENTER_ADMIN_TOKEN',
    meaning: 'Bearer token for the API, for automation.',
    minLength: 32,
    ...optional,
  }),
  sessionSecret: secret({
    name: 'COMMAND_CENTER_SESSION_SECRET',
    meaning: 'Seals the session cookies; all API processes need the same.',
    minLength: 32,
    fallback: undefined,
    defaultText: 'made in the data folder',
  }),
  originSecret: secret({
    name: 'COMMAND_CENTER_ORIGIN_SECRET',
    meaning:
      'What a CDN shows in the header x-command-center-origin to the API on Lambda, whose own address is public: other requests are refused there.',
    minLength: 32,
    ...optional,
  }),
  allowedOrigins: origins({
    name: 'COMMAND_CENTER_ALLOWED_ORIGINS',
    meaning: 'Origins allowed by CORS and by the live socket; the own origin always is.',
    fallback: [],
    defaultText: 'none',
  }),
  oidcIssuer: url({
    name: 'COMMAND_CENTER_OIDC_ISSUER',
    meaning:
      'OpenID Connect issuer, exactly as its discovery document writes it. Needs the audience, the claim and its value.',
    protocols: ['https:', 'http:'],
    ...optional,
  }),
  oidcAudience: text({
    name: 'COMMAND_CENTER_OIDC_AUDIENCE',
    meaning: 'Audience (`aud`) that the access tokens of scripts must name.',
    ...optional,
  }),
  oidcClientId: text({
    name: 'COMMAND_CENTER_OIDC_CLIENT_ID',
    meaning: 'Client id of the console; unset, people sign in by login links alone.',
    ...optional,
  }),
  oidcClientSecret: secret({
    name: 'COMMAND_CENTER_OIDC_CLIENT_SECRET',
    meaning: 'Client secret of the console; unset, it is a public client.',
    minLength: 16,
    ...optional,
  }),
  oidcAdminClaim: text({
    name: 'COMMAND_CENTER_OIDC_ADMIN_CLAIM',
    meaning: 'Claim that holds the role: its name, or its path with dots (`roles`, `realm_access.roles`).',
    ...optional,
  }),
  oidcAdminValue: text({
    name: 'COMMAND_CENTER_OIDC_ADMIN_VALUE',
    meaning: 'What the claim must hold, alone or in a list, in a system admin.',
    ...optional,
  }),
  auditRetentionDays: integer({
    name: 'COMMAND_CENTER_AUDIT_RETENTION_DAYS',
    meaning: 'How long the audit log is kept.',
    unit: 'days',
    min: 1,
    max: 3650,
    fallback: 30,
  }),
};
