import { type Attributes, context, SeverityNumber, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Random } from './random.ts';
import type { Sender } from './sender.ts';
import type { Moment } from './service.ts';

/** A route as the demo's services know it. */
export interface Route {
  readonly method: string;
  readonly route: string;
  /** A second, at a crowd of 1. */
  readonly rate: number;
  readonly medianS: number;
  /** Whether it waits for the database, and so suffers in the incident. */
  readonly usesDatabase: boolean;
  /** What its statement reads or writes. */
  readonly statement: { readonly operation: string; readonly table: string };
}

export interface Served {
  readonly durationS: number;
  readonly attributes: Attributes;
  readonly status: number;
  readonly errorType: string | undefined;
}

/** In the incident a request that needs the database takes this many times longer. */
const SLOWDOWN = 9;
const SPREAD = 0.45;
const SAMPLED_SHARE = 0.05;
/** Every failure is logged and traced, up to this many a moment. */
const MAX_REPORTED = 20;
const REQUESTS_MAX = 5_000;

/** The requests of one moment: each is handed to `record`, some leave a span, failures a span and a log record. */
export function serve(
  sender: Sender,
  routes: readonly Route[],
  random: Random,
  moment: Moment,
  record: (served: Served) => void,
): void {
  let reported = 0;
  for (const route of routes) {
    const requests = Math.min(REQUESTS_MAX, random.poisson(route.rate * moment.crowd * moment.seconds));
    for (let request = 0; request < requests; request += 1) {
      const served = outcomeOf(route, random, moment.intensity);
      record(served);
      const hasFailed = served.status >= 500;
      if (hasFailed && reported < MAX_REPORTED) {
        reported += 1;
        report(sender, route, served, moment.nowMs - random.integer(0, 900));
      } else if (random.chance(SAMPLED_SHARE)) {
        report(sender, route, served, moment.nowMs - random.integer(0, 900));
      }
    }
  }
}

function outcomeOf(route: Route, random: Random, intensity: number): Served {
  const suffering = route.usesDatabase ? intensity : 0;
  const durationS = random.logNormal(route.medianS * (1 + SLOWDOWN * suffering), SPREAD);
  const attributes = { 'http.request.method': route.method, 'http.route': route.route };
  const isBroken = random.chance(0.001 + 0.14 * suffering);
  const isRefused = !isBroken && random.chance(0.018);
  if (isBroken) {
    const errorType = suffering > 0 ? 'pool_timeout' : 'internal';
    const status = suffering > 0 ? 503 : 500;
    return { durationS, status, errorType, attributes: answered(attributes, status, errorType) };
  }
  if (isRefused) {
    const status = random.pick([401, 404, 404, 422, 429]);
    return {
      durationS: durationS / 3,
      status,
      errorType: String(status),
      attributes: answered(attributes, status, String(status)),
    };
  }
  const status = route.method === 'POST' ? 201 : 200;
  return { durationS, status, errorType: undefined, attributes: answered(attributes, status, undefined) };
}

function answered(attributes: Attributes, status: number, errorType: string | undefined): Attributes {
  return {
    ...attributes,
    'http.response.status_code': status,
    ...(errorType === undefined ? {} : { 'error.type': errorType }),
  };
}

/** A server span with its database span below it, and the log record of a failure. */
function report(sender: Sender, route: Route, served: Served, endMs: number): void {
  const startMs = endMs - served.durationS * 1_000;
  const span = sender.tracer.startSpan(
    `${route.method} ${route.route}`,
    { kind: SpanKind.SERVER, startTime: startMs, attributes: served.attributes },
    context.active(),
  );
  const inside = trace.setSpan(context.active(), span);
  const hasFailed = served.status >= 500;
  if (route.usesDatabase) {
    const { operation, table } = route.statement;
    const query = sender.tracer.startSpan(
      `${operation} ${table}`,
      {
        kind: SpanKind.CLIENT,
        startTime: startMs + 1,
        attributes: { 'db.system.name': 'postgresql', 'db.operation.name': operation, 'db.collection.name': table },
      },
      inside,
    );
    if (hasFailed) query.setStatus({ code: SpanStatusCode.ERROR });
    query.end(Math.max(startMs + 1, endMs - 1));
  }
  if (hasFailed) {
    span.setStatus({ code: SpanStatusCode.ERROR });
    sender.logger.emit({
      timestamp: endMs,
      severityNumber: SeverityNumber.ERROR,
      severityText: 'ERROR',
      eventName: served.errorType === 'pool_timeout' ? 'db.pool.timeout' : 'http.request.failed',
      body:
        served.errorType === 'pool_timeout'
          ? 'no database connection became free within 5 s'
          : 'the request handler ended with an unexpected error',
      attributes: {
        'http.route': route.route,
        'http.request.method': route.method,
        'http.response.status_code': served.status,
        'error.type': served.errorType ?? 'internal',
      },
      context: inside,
    });
  }
  span.end(endMs);
}
