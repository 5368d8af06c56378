import type { Actor, Effect, Reason } from './reasons/reason.ts';
import { recordRows } from './reasons/records.ts';

/** https://grpc.github.io/grpc/core/md_doc_statuscodes.html */
export const grpcStatus = {
  ok: 0,
  cancelled: 1,
  unknown: 2,
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  permissionDenied: 7,
  resourceExhausted: 8,
  failedPrecondition: 9,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  unauthenticated: 16,
} as const;

export const httpOk = 200;

function refusal(
  grpcCode: number,
  httpStatus: number,
  actor: Actor,
  title: string,
  text: string,
  isRetryable = false,
): Reason {
  return { title, effect: 'refuses', actor, isRetryable, grpcCode, httpStatus, text };
}

/** What answers a whole request; the OTLP door, the API and the live socket share the rows. */
const requestRows = {
  undecodable: refusal(
    grpcStatus.invalidArgument,
    400,
    'sender',
    'Undecodable request',
    'The body is not the OTLP message it claims to be. Send opentelemetry-proto 1.x protobuf, or JSON with lowerCamelCase names and integer enums.',
  ),
  unsupported_media_type: refusal(
    grpcStatus.invalidArgument,
    415,
    'sender',
    'Unsupported media type',
    'Send Content-Type application/x-protobuf or application/json.',
  ),
  unsupported_encoding: refusal(
    grpcStatus.unimplemented,
    415,
    'sender',
    'Unsupported compression',
    'Set `compression: gzip` (or none) in the exporter; snappy, lz4 and, over gRPC, zstd are not read, and the sender drops what is refused so.',
  ),
  too_large: refusal(
    grpcStatus.resourceExhausted,
    413,
    'sender',
    'Request too large',
    'The request is over COMMAND_CENTER_OTLP_MAX_BODY_BYTES before or after decompression, or holds over a million records. Send smaller batches (`sending_queue.batch.max_size`) or raise the limit.',
  ),
  method_not_allowed: refusal(
    grpcStatus.unimplemented,
    405,
    'sender',
    'Method not allowed',
    'The path exists, but not for this method; see the Allow header.',
  ),
  not_found: refusal(
    grpcStatus.unimplemented,
    404,
    'sender',
    'Not found',
    'Nothing is served here. OTLP/HTTP takes POST /v1/metrics, /v1/logs and /v1/traces; OTLP/gRPC the Export methods of these signals.',
  ),
  unauthenticated: refusal(
    grpcStatus.unauthenticated,
    401,
    'sender',
    'Not authenticated',
    'Send `Authorization: Bearer …` with the configured token, or log in.',
  ),
  login_expired: refusal(
    grpcStatus.unauthenticated,
    401,
    'sender',
    'Login link used or expired',
    'A login link works once and for a short time. Restart the server, or ask its operator, for a new one.',
  ),
  ticket_expired: refusal(
    grpcStatus.unauthenticated,
    401,
    'sender',
    'Ticket used or expired',
    'A ticket for the live socket works once, for 30 seconds. Ask for a new one.',
  ),
  sign_in_failed: refusal(
    grpcStatus.unauthenticated,
    400,
    'sender',
    'Sign-in not completed',
    'The round trip to the identity provider was declined, took too long, or was completed already. Sign in again.',
  ),
  identity_unavailable: refusal(
    grpcStatus.unavailable,
    503,
    'operator',
    'Identity provider unavailable',
    'The identity provider does not answer as it must, so nobody can be recognised by it. Check COMMAND_CENTER_OIDC_ISSUER and the log; sessions that are open go on.',
    true,
  ),
  forbidden: refusal(
    grpcStatus.permissionDenied,
    403,
    'operator',
    'Not a system admin',
    'The identity is valid but does not hold the system-admin role.',
  ),
  wrong_origin: refusal(
    grpcStatus.permissionDenied,
    403,
    'operator',
    'Foreign origin',
    "The request comes from another site. Add the console's origin to COMMAND_CENTER_ALLOWED_ORIGINS.",
  ),
  around_the_cdn: refusal(
    grpcStatus.permissionDenied,
    403,
    'sender',
    'Not through the front',
    "This address answers its CDN alone, which shows COMMAND_CENTER_ORIGIN_SECRET. Ask the console's own address.",
  ),
  invalid_parameter: refusal(
    grpcStatus.invalidArgument,
    400,
    'sender',
    'Invalid parameter',
    'A parameter is not what the endpoint takes; the detail names it and what is allowed.',
  ),
  too_many_requests: refusal(
    grpcStatus.resourceExhausted,
    429,
    'sender',
    'Too many requests',
    'Wait as long as Retry-After says.',
    true,
  ),
  overloaded: refusal(
    grpcStatus.unavailable,
    503,
    'operator',
    'Overloaded',
    'The bytes in flight have reached COMMAND_CENTER_MEMORY_LIMIT_BYTES; the sender tries again. If it lasts, raise the limit or add a sidecar.',
    true,
  ),
  live_full: refusal(
    grpcStatus.unavailable,
    503,
    'operator',
    'Too many live sockets',
    'This sidecar pushes to as many consoles as it may; others poll meanwhile, and try again. Add a sidecar, or close consoles.',
    true,
  ),
  database_unavailable: refusal(
    grpcStatus.unavailable,
    503,
    'operator',
    'Database unavailable',
    'Postgres is away or too slow, so nothing is acknowledged; the sender tries again. Check COMMAND_CENTER_DATABASE_URL and the server it names.',
    true,
  ),
  stopping: refusal(
    grpcStatus.unavailable,
    503,
    'nobody',
    'Stopping',
    'This process is stopping; the sender tries again, elsewhere or after the restart.',
    true,
  ),
  starting: refusal(
    grpcStatus.unavailable,
    503,
    'nobody',
    'Starting',
    'This process does not serve yet; the sender tries again.',
    true,
  ),
  deadline_exceeded: refusal(
    grpcStatus.deadlineExceeded,
    504,
    'operator',
    'Deadline exceeded',
    'The answer took longer than its deadline. Ask for a shorter range, or look at the load of Postgres.',
    true,
  ),
  client_gone: refusal(
    grpcStatus.unknown,
    499,
    'nobody',
    'Client gone',
    'The client went away before its answer, so the query was ended. Nobody reads this; the audit log shows it.',
  ),
  export_bucket_missing: refusal(
    grpcStatus.failedPrecondition,
    409,
    'operator',
    'No export bucket',
    'Exports can be put into a bucket once COMMAND_CENTER_EXPORT_BUCKET is set. GET answers the file itself.',
  ),
  export_bucket_refused: refusal(
    grpcStatus.failedPrecondition,
    // Not 502: clients try that again by themselves, and here only an operator helps.
    424,
    'operator',
    'Refused by the export bucket',
    'The store refused the export. Check COMMAND_CENTER_EXPORT_BUCKET, its region, and the credentials and rights of the API.',
  ),
  export_bucket_unavailable: refusal(
    grpcStatus.unavailable,
    503,
    'operator',
    'Export bucket unavailable',
    'The store of COMMAND_CENTER_EXPORT_BUCKET is away or too slow; nothing was left there. Try again later, or take the file with GET.',
    true,
  ),
  refused_by_database: refusal(
    grpcStatus.internal,
    500,
    'us',
    'Refused by the database',
    'Postgres refused this request for its data, alone and twice. Please report it with the SQLSTATE of the log line.',
  ),
  internal: refusal(
    grpcStatus.internal,
    500,
    'us',
    'Internal error',
    'An error of the product itself; its log has the details under the same time. Please report it.',
  ),
} as const satisfies Record<string, Reason>;

/** A record-level row never refuses its request, so it carries the success codes. */
function record(row: { title: string; effect: Exclude<Effect, 'refuses'>; actor: Actor; text: string }): Reason {
  return { ...row, isRetryable: false, grpcCode: grpcStatus.ok, httpStatus: httpOk };
}

type RecordCode = keyof typeof recordRows;
type RequestCode = keyof typeof requestRows;
export type ReasonCode = RequestCode | RecordCode;

const recordReasons = Object.fromEntries(
  Object.entries(recordRows).map(([code, row]) => [code, record(row)]),
) as Readonly<Record<RecordCode, Reason>>;

/** The one answer table: receiver, API, counters and docs read it. */
export const reasons: Readonly<Record<ReasonCode, Reason>> = { ...requestRows, ...recordReasons };

export const reasonCodes = Object.keys(reasons) as readonly ReasonCode[];

export function isReasonCode(code: string): code is ReasonCode {
  return Object.hasOwn(reasons, code);
}
