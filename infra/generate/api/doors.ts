import { liveEvent } from '@command-center/contract/events';
import { liveBeatSeconds, liveClose, livePath, liveTicketSeconds } from '@command-center/contract/live';
import {
  grpcStatus,
  httpOk,
  isReasonCode,
  type ReasonCode,
  reasonCodes,
  reasons,
} from '@command-center/contract/reasons';
import { z } from 'zod';
import { filesLike } from '../../check/governance/files.ts';
import { code, table } from '../table.ts';
import { describedIn } from './comments.ts';
import { fieldsOf, jsonSchema } from './fields.ts';

const grpcName = (number: number): string =>
  Object.entries(grpcStatus)
    .find(([, each]) => each === number)?.[0]
    .replaceAll(/[A-Z]/g, '_$&')
    .toUpperCase() ?? String(number);

/** Stages that may refuse a whole OTLP request, and so the only files whose codes reach a sender. */
const refusing = /^sidecar\/src\/(receive|batch|operate|store)\/(?!.*\.test\.ts|testing\/)[\w/]+\.ts$/;

/** Codes of whole requests that these files name. */
function doorReasons(): ReasonCode[] {
  const text = filesLike(refusing)
    .map((file) => file.text)
    .join('\n');
  const named = new Set([...text.matchAll(/'([a-z_]+)'/g)].map(([, each = '']) => each).filter(isReasonCode));
  return reasonCodes.filter((each) => named.has(each) && reasons[each].effect === 'refuses');
}

function answersOfDoor(): string {
  const rows = doorReasons().map((each) => {
    const { httpStatus, grpcCode, isRetryable, title, text } = reasons[each];
    return [code(each), String(httpStatus), grpcName(grpcCode), isRetryable ? 'yes' : 'no', `${title}. ${text}`];
  });
  return table(
    ['reason', 'HTTP', 'gRPC', 'to be sent again', 'what it means'],
    [
      [
        '',
        String(httpOk),
        grpcName(grpcStatus.ok),
        'no',
        'Committed in Postgres. `partial_success` counts what can never be accepted and says why; none of it is to be sent again.',
      ],
      ...rows,
    ],
  );
}

/** The sections of the OTLP door. */
export function doorSections(): string {
  return `## The OTLP door

A sidecar takes OTLP 1.x on \`COMMAND_CENTER_OTLP_GRPC_PORT\` and \`COMMAND_CENTER_OTLP_HTTP_PORT\`, with \`Authorization: Bearer …\` where
\`COMMAND_CENTER_OTLP_TOKEN\` is set, with client certificates where \`COMMAND_CENTER_OTLP_TLS_CLIENT_CA\` is.

| over HTTP | over gRPC |
| --- | --- |
| \`POST /v1/metrics\` | \`opentelemetry.proto.collector.metrics.v1.MetricsService/Export\` |
| \`POST /v1/logs\` | \`opentelemetry.proto.collector.logs.v1.LogsService/Export\` |
| \`POST /v1/traces\` | \`opentelemetry.proto.collector.trace.v1.TraceService/Export\` |
| \`GET /readyz\` on the sidecar's own port | \`grpc.health.v1.Health/Check\` and \`grpc.health.v1.Health/Watch\`, of \`""\` or one of the services above |

Over HTTP a body is \`application/x-protobuf\` or \`application/json\`, plain or gzip, and is answered in its own encoding; a refusal is a
\`google.rpc.Status\`. Where something is to be sent again, \`Retry-After\` says when, over gRPC a \`RetryInfo\`. What becomes of single records:
[the reasons](contract.md#reasons).

${answersOfDoor()}`;
}

const sidecarRows = [
  ['`GET /healthz`', '200', 'The process is alive.'],
  [
    '`GET /readyz`',
    '200, 503',
    'Whether what is sent can be stored; a sentence says why not. Kubernetes and load balancers ask this.',
  ],
  ['`GET /metrics`', '200', "The sidecar's own [metrics](metrics.md) in Prometheus' text format 0.0.4."],
  [`\`GET ${livePath}\``, '101, 401, 403, 503', '[The live socket](#the-live-socket).'],
];

/** The sections of the sidecar's own server. */
export function sidecarSections(): string {
  return `## The sidecar's own port

On \`COMMAND_CENTER_SIDECAR_HOST\` and \`COMMAND_CENTER_SIDECAR_PORT\`, without identity but for the live socket.

${table(['request', 'status', 'answers'], sidecarRows)}

${liveSection()}`;
}

/** Which constant of contract/src/events.ts a frame is declared as: its type, in its own spelling. */
function frameConstant(type: string): string {
  const last = type.split('.').at(-1) ?? '';
  return last.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function frames(): string {
  const rows = liveEvent.options.map((option) => {
    const type = option.shape.type.value;
    const described = describedIn('contract/src/events.ts', frameConstant(type));
    const schema = jsonSchema.parse(z.toJSONSchema(option.shape.data));
    const members = fieldsOf(schema, described)
      .filter(({ path }) => !/[.[]/.test(path))
      .map(({ path, form }) => `${code(path)} (${form})`);
    return [code(type), members.join(', '), described.comment];
  });
  return table(['type', '`data`', 'when'], rows);
}

function closes(): string {
  const described = describedIn('contract/src/live.ts', 'liveClose');
  const rows = Object.entries(liveClose).map(([name, number]) => [
    String(number),
    described.members.get(name)?.comment ?? '',
  ]);
  return table(['code', 'why'], rows);
}

function liveSection(): string {
  return `## The live socket

\`GET ${livePath}\` with \`Upgrade: websocket\`, at the address that \`live_url\` of [\`/config\`](#get-apiadminobservabilityconfig) names. The first message
of a browser is \`{"type": "subscribe", "ticket": "…", "topics": ["overview", "voice"]}\` with a ticket of
[\`POST /live/ticket\`](#post-apiadminobservabilityliveticket), good once and for ${liveTicketSeconds} s; a later one without a ticket changes the topics. Frames are
\`{"id", "type", "ts", "data"}\`, at least one every ${liveBeatSeconds} s. How it is routed, and a script that listens: [live.md](live.md).

${frames()}

Closed with one of these, a browser has something to mend; with any other code it comes back with a new ticket.

${closes()}`;
}
