/** The label registry of contract.md §1: which keys exist, which values they take, and what older names they had. */

export const otherValue = '_OTHER';

/** Distinct values of `error.type` a metric keeps; later ones become `_OTHER` (contract.md §1). */
export const maxErrorTypes = 20;

type Form =
  /** Only the listed values; `synonyms` are read as one of them. */
  | {
      readonly type: 'listed';
      readonly values: readonly string[];
      readonly isCaseSensitive?: boolean;
      readonly synonyms?: Readonly<Record<string, string>>;
    }
  /** An HTTP status code, 100-599. */
  | { readonly type: 'statusCode' }
  /** A route template (routes.ts). */
  | { readonly type: 'route' }
  /** Free text of a bounded length, redacted as an identifier. */
  | { readonly type: 'identifier' }
  /** Boolean true and nothing else. */
  | { readonly type: 'true' };

export interface LabelDefinition {
  readonly form: Form;
  readonly meaning: string;
}

const registry = {
  'deployment.environment.name': { form: { type: 'identifier' }, meaning: 'Deployment environment of the sender.' },
  'service.name': { form: { type: 'identifier' }, meaning: 'Service that sent the data.' },
  'http.request.method': {
    // RFC 9110 §9.1: method names are case-sensitive.
    form: {
      type: 'listed',
      values: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'QUERY'],
      isCaseSensitive: true,
    },
    meaning: 'HTTP method.',
  },
  'http.route': { form: { type: 'route' }, meaning: 'Route template, never a resolved path.' },
  'http.response.status_code': { form: { type: 'statusCode' }, meaning: 'HTTP status code, 100-599.' },
  outcome: {
    form: {
      type: 'listed',
      values: ['success', 'failure', 'timeout', 'cancelled'],
      synonyms: { error: 'failure' },
    },
    meaning: 'How an attempt ended.',
  },
  'error.type': { form: { type: 'identifier' }, meaning: 'Class of error; at most 20 values a metric.' },
  'voice.session_outcome': {
    form: { type: 'listed', values: ['connected', 'failed', 'timeout', 'disconnected'] },
    meaning: 'How a voice join ended.',
  },
  'ws.event_type': { form: { type: 'identifier' }, meaning: 'Kind of socket message.' },
  'db.operation.name': {
    form: { type: 'listed', values: ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'BEGIN', 'COMMIT', 'ROLLBACK'] },
    meaning: 'SQL command.',
  },
  'db.collection.name': { form: { type: 'identifier' }, meaning: 'Table or collection.' },
  'os.type': { form: { type: 'listed', values: ['linux', 'windows', 'darwin'] }, meaning: 'Operating system.' },
  quality: { form: { type: 'listed', values: ['poor', 'fair', 'good', 'excellent'] }, meaning: 'Voice quality class.' },
  'db.client.connection.state': {
    form: { type: 'listed', values: ['idle', 'used'] },
    meaning: 'State of a pooled connection.',
  },
  exporter: { form: { type: 'identifier' }, meaning: "Collector's exporter." },
  data_type: { form: { type: 'identifier' }, meaning: "Signal of a collector's queue." },
  'otel.metric.overflow': { form: { type: 'true' }, meaning: 'Series past the label budget, merged into one.' },
} as const satisfies Record<string, LabelDefinition>;

export type LabelKey = keyof typeof registry;

/** Label values are strings; only `otel.metric.overflow` is boolean. */
export type Labels = Readonly<Record<string, string | true>>;

export const labelRegistry: Readonly<Record<LabelKey, LabelDefinition>> = registry;
export const labelKeys = Object.keys(registry) as readonly LabelKey[];

/** The one series that takes what exceeds a metric's budget; it has no other label. */
export const overflowLabels: Labels = { 'otel.metric.overflow': true };

export function isLabelKey(key: string): key is LabelKey {
  return Object.hasOwn(registry, key);
}

/** Whether the key's values are checked against a list or form of their own, in place of identifier redaction (contract.md §2). */
export function hasOwnForm(key: string): boolean {
  const type = isLabelKey(key) ? labelRegistry[key].form.type : 'identifier';
  return type === 'listed' || type === 'statusCode' || type === 'true';
}

const listedValues: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map(
  labelKeys.flatMap((key): [string, ReadonlyMap<string, string>][] => {
    const { form } = labelRegistry[key];
    if (form.type !== 'listed') return [];
    const fold = (value: string): string => (form.isCaseSensitive === true ? value : value.toLowerCase());
    const own = form.values.map((value): [string, string] => [fold(value), value]);
    const synonyms = Object.entries(form.synonyms ?? {});
    return [[key, new Map([...own, ...synonyms])]];
  }),
);

const statusCode = /^[1-5]\d\d$/;
/** Longer than any listed value; bounds the case folding. */
const maxListedLength = 32;

/** The value as the key's list or form knows it, else `_OTHER`; values of keys without a list come back as they are (contract.md §1). */
export function enumerated(key: string, value: string): string {
  const listed = listedValues.get(key);
  if (listed !== undefined) {
    if (value.length > maxListedLength) return otherValue;
    return listed.get(value) ?? foldedValue(key, listed, value);
  }
  if (key === 'http.response.status_code') return statusCode.test(value) ? value : otherValue;
  return value;
}

function foldedValue(key: string, listed: ReadonlyMap<string, string>, value: string): string {
  const form = isLabelKey(key) ? labelRegistry[key].form : undefined;
  if (form?.type === 'listed' && form.isCaseSensitive === true) return otherValue;
  return listed.get(value.toLowerCase()) ?? otherValue;
}

/** Canonical JSON, keys sorted by code unit: with the metric's name it is the identity of a series. */
export function labelsKey(labels: Labels): string {
  const members = Object.keys(labels)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${JSON.stringify(labels[key])}`);
  return `{${members.join(',')}}`;
}

/**
 * Older attribute names and the stable ones they became (semantic conventions 1.44, migration pages). Only renames that hold whatever the
 * signal: `net.peer.*`, for one, means another thing on clients than on servers, and no label needs it.
 */
const renames: ReadonlyMap<string, string> = new Map([
  ['http.method', 'http.request.method'],
  ['http.status_code', 'http.response.status_code'],
  ['http.url', 'url.full'],
  // Carries the query too; routes.ts cuts it off.
  ['http.target', 'url.path'],
  ['http.scheme', 'url.scheme'],
  ['http.client_ip', 'client.address'],
  ['http.server_name', 'server.address'],
  ['http.user_agent', 'user_agent.original'],
  ['http.flavor', 'network.protocol.version'],
  ['net.host.name', 'server.address'],
  ['net.host.port', 'server.port'],
  ['net.sock.peer.addr', 'network.peer.address'],
  ['net.peer.ip', 'network.peer.address'],
  ['net.protocol.name', 'network.protocol.name'],
  ['net.protocol.version', 'network.protocol.version'],
  ['db.system', 'db.system.name'],
  ['db.operation', 'db.operation.name'],
  ['db.statement', 'db.query.text'],
  ['db.sql.table', 'db.collection.name'],
  ['db.mongodb.collection', 'db.collection.name'],
  ['db.cassandra.table', 'db.collection.name'],
  ['db.cosmosdb.container', 'db.collection.name'],
  ['db.name', 'db.namespace'],
  ['db.redis.database_index', 'db.namespace'],
  ['state', 'db.client.connection.state'],
  ['pool.name', 'db.client.connection.pool.name'],
  ['deployment.environment', 'deployment.environment.name'],
  ['messaging.operation', 'messaging.operation.type'],
  ['rpc.system', 'rpc.system.name'],
  ['rpc.grpc.status_code', 'rpc.response.status_code'],
  ['code.function', 'code.function.name'],
  ['code.filepath', 'code.file.path'],
  ['code.lineno', 'code.line.number'],
  ['otel.status_code', 'status.code'],
  ['otel.library.name', 'otel.scope.name'],
  ['otel.library.version', 'otel.scope.version'],
]);

/** The stable name of an attribute key; a key that is stable already, or unknown, comes back as it is. */
export function renamedKey(key: string): string {
  return renames.get(key) ?? key;
}

/** The keys that `renamedKey` gives this stable name. */
export function sentKeys(stable: string): readonly string[] {
  return [stable, ...[...renames].filter(([, name]) => name === stable).map(([key]) => key)];
}
