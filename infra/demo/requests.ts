import { type Attributes, context, SeverityNumber, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Answer, Counter, Histogram, Measured, Route } from './platform.ts';
import type { Sender } from './sender.ts';

/** In the incident a request that needs the database takes this many times longer. */
const SLOWDOWN = 9;
const SPREAD = 0.45;
/** Of the requests, those that fail by themselves, those that fail at the worst of the incident, and those that are refused. */
const BROKEN = 0.001;
const STARVED = 0.14;
const REFUSED = 0.018;
const refusals: ReadonlyMap<number, number> = new Map([
  [401, 0.2],
  [404, 0.4],
  [422, 0.2],
  [429, 0.2],
]);

/** The requests of a service: each way in which those of a route end, which `counters` count as well. */
export function requestsOf(
  routes: readonly Route[],
  histogram: Histogram,
  counters: (status: number) => readonly Counter[],
): readonly Measured[] {
  return routes.flatMap((route) => answersOf(route).map((answer) => requests(answer, histogram, counters)));
}

interface SharedAnswer extends Answer {
  /** Of the route's requests, by how much the route suffers, 0-1. */
  readonly share: (suffering: number) => number;
}

function answersOf(route: Route): readonly SharedAnswer[] {
  const broken = (suffering: number): number => BROKEN + STARVED * suffering;
  const internal: SharedAnswer = {
    ...{ route, status: 500, errorType: 'internal' },
    share: (suffering) => (suffering > 0 ? 0 : broken(0)),
  };
  const starved: SharedAnswer = {
    ...{ route, status: 503, errorType: 'pool_timeout' },
    share: (suffering) => (suffering > 0 ? broken(suffering) : 0),
  };
  return [
    {
      ...{ route, status: route.method === 'POST' ? 201 : 200, errorType: undefined },
      share: (suffering) => (1 - broken(suffering)) * (1 - REFUSED),
    },
    internal,
    ...(route.usesDatabase ? [starved] : []),
    ...[...refusals].map(([status, part]) => ({
      ...{ route, status, errorType: String(status) },
      share: (suffering: number) => (1 - broken(suffering)) * REFUSED * part,
    })),
  ];
}

function requests(
  answer: SharedAnswer,
  histogram: Histogram,
  counters: (status: number) => readonly Counter[],
): Measured {
  const { route, status } = answer;
  const suffering = (intensity: number): number => (route.usesDatabase ? intensity : 0);
  // What is refused is so before the work begins.
  const medianS = refusals.has(status) ? route.medianS / 3 : route.medianS;
  return {
    histogram,
    attributes: attributesOf(answer),
    rate: ({ crowd, intensity }) => route.rate * crowd * answer.share(suffering(intensity)),
    median: ({ intensity }) => medianS * (1 + SLOWDOWN * suffering(intensity)),
    spread: SPREAD,
    counters: counters(status),
    answer,
  };
}

function attributesOf({ route, status, errorType }: Answer): Attributes {
  return {
    'http.request.method': route.method,
    'http.route': route.route,
    'http.response.status_code': status,
    ...(errorType === undefined ? {} : { 'error.type': errorType }),
  };
}

export function hasFailed({ status }: Answer): boolean {
  return status >= 500;
}

/** A server span with its database span below it, and the log record of a failure. Epoch milliseconds. */
export function reportRequest(sender: Sender, answer: Answer, durationMs: number, endMs: number): void {
  const { route } = answer;
  const startMs = endMs - durationMs;
  const span = sender.tracer.startSpan(
    `${route.method} ${route.route}`,
    { kind: SpanKind.SERVER, startTime: startMs, attributes: attributesOf(answer) },
    context.active(),
  );
  const inside = trace.setSpan(context.active(), span);
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
    if (hasFailed(answer)) query.setStatus({ code: SpanStatusCode.ERROR });
    query.end(Math.max(startMs + 1, endMs - 1));
  }
  if (hasFailed(answer)) {
    span.setStatus({ code: SpanStatusCode.ERROR });
    const isStarved = answer.errorType === 'pool_timeout';
    sender.logger.emit({
      timestamp: endMs,
      observedTimestamp: endMs,
      severityNumber: SeverityNumber.ERROR,
      severityText: 'ERROR',
      eventName: isStarved ? 'db.pool.timeout' : 'http.request.failed',
      body: isStarved
        ? 'no database connection became free within 5 s'
        : 'the request handler ended with an unexpected error',
      attributes: attributesOf(answer),
      context: inside,
    });
  }
  span.end(endMs);
}
