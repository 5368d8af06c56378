import { Buffer } from 'node:buffer';
import { domainOf } from '@command-center/contract/domain';
import { enumerated, otherValue, renamedKey, sentKeys } from '@command-center/contract/labels';
import type { Resource, Span, SpanGlance } from '../decode/records.ts';
import { type AttributeMap, renamedAttributes, scalarText } from './attributes.ts';
import type { CuratedSpan, Curation, Receipt } from './curated.ts';
import { glanceAt } from './glance.ts';
import type { Identify, KeyJudgement } from './recall.ts';
import type { RouteReader } from './routes.ts';
import { type Sender, UNKNOWN_SERVICE } from './sender.ts';
import { timeProblem } from './times.ts';
import { hexOf, saysSampled } from './traceContext.ts';

export interface SpanTools {
  readonly senderOf: (resource: Resource) => Sender;
  readonly identify: Identify;
  readonly judgeKey: (key: string) => KeyJudgement;
  readonly routes: RouteReader;
  /** From this duration on a span is kept for being slow, milliseconds (contract.md §3). */
  readonly slowMs: { readonly api: number; readonly database: number };
  readonly nowMs: () => number;
}

/** SpanKind and StatusCode of trace.proto. */
const SERVER = 2;
const CONSUMER = 5;
const STATUS_OK = 1;
const STATUS_ERROR = 2;
const FIRST_SERVER_ERROR = 500;
const HTTP_STATUS = 'http.response.status_code';
/** What the HTTP status is called, in the bytes of an attribute's key. */
const statusKeys = sentKeys(HTTP_STATUS).map((key) => Buffer.from(key));

/** Spans through the contract: metadata of roots, servers, consumers, errors and slow ones (contract.md §3). */
export function createSpanCurator(tools: SpanTools): (span: Span) => Curation<CuratedSpan> {
  const leastMs = Math.min(tools.slowMs.api, tools.slowMs.database);
  /** Most spans: inner ones that are fast and failed at nothing. Nothing else of them needs to be looked at. */
  const isSurelyDropped = (span: Span, glance: SpanGlance): boolean =>
    span.statusCode !== STATUS_ERROR &&
    glance.durationMs < leastMs &&
    !isEntry(span, glance) &&
    !(glance.mayHave(statusKeys) && saysServerError(span));
  return (span) => {
    const sender = tools.senderOf(span.resource);
    const glance = glanceAt(span);
    const { startMs, durationMs } = glance;
    if (startMs === undefined) return sender.refuse('rejected', 'no_time');
    const badTime = timeProblem(startMs, tools.nowMs());
    if (badTime !== undefined) return sender.refuse('rejected', badTime);
    if (!glance.hasIds) return sender.refuse('rejected', 'invalid_ids');
    if (isSurelyDropped(span, glance)) return sender.refuse('dropped', 'span_not_kept');
    const service = sender.service ?? UNKNOWN_SERVICE;
    const attributes = renamedAttributes(span.attributes);
    const httpStatus = httpStatusOf(attributes);
    const isError = span.statusCode === STATUS_ERROR || Number(httpStatus) >= FIRST_SERVER_ERROR;
    const slowMs = isDatabase(attributes) ? tools.slowMs.database : tools.slowMs.api;
    if (!isError && !isEntry(span, glance) && durationMs < slowMs) return sender.refuse('dropped', 'span_not_kept');
    const receipts: Receipt[] = [...sender.receipts, ...forbiddenAttributes(attributes, tools)];
    if (durationMs < 0) receipts.push({ outcome: 'noted', reason: 'ends_before_start', name: '' });
    const value: CuratedSpan = {
      ...descriptionOf(tools, span, attributes, service, receipts),
      traceId: hexOf(span.traceId),
      spanId: hexOf(span.spanId),
      tsMs: startMs,
      statusCode: httpStatus ?? rpcStatusOf(attributes, tools.identify, receipts) ?? spanStatusOf(span),
      isError,
      durationMs: Math.max(0, durationMs),
      service,
      // Older senders set no flags at all, and what was not sampled is seldom exported.
      isSampled: span.flags === 0 || saysSampled(span.flags),
    };
    return { outcome: 'kept', value, receipts };
  };
}

/** Where a request enters a service: a root, a server or a consumer. */
function isEntry({ kind }: Span, { isRoot }: SpanGlance): boolean {
  return kind === SERVER || kind === CONSUMER || isRoot;
}

function saysServerError({ attributes }: Span): boolean {
  return attributes.some(
    ({ key, value }) => renamedKey(key) === HTTP_STATUS && Number(scalarText(value)) >= FIRST_SERVER_ERROR,
  );
}

function isDatabase(attributes: AttributeMap): boolean {
  return attributes.has('db.system.name') || attributes.has('db.operation.name');
}

function httpStatusOf(attributes: AttributeMap): string | undefined {
  const sent = scalarText(attributes.get(HTTP_STATUS));
  const code = sent === undefined ? otherValue : enumerated(HTTP_STATUS, sent);
  return code === otherValue ? undefined : code;
}

/** gRPC and other RPC systems say how a call ended in an attribute of their own. */
function rpcStatusOf(attributes: AttributeMap, identify: Identify, receipts: Receipt[]): string | undefined {
  const sent = scalarText(attributes.get('rpc.response.status_code')) ?? scalarText(attributes.get('rpc.status_code'));
  return sent === undefined ? undefined : identify(sent, 'rpc.response.status_code', receipts);
}

/** Null where the sender left it unset. */
function spanStatusOf(span: Span): string | null {
  if (span.statusCode === STATUS_ERROR) return 'ERROR';
  return span.statusCode === STATUS_OK ? 'OK' : null;
}

type Description = Pick<CuratedSpan, 'spanName' | 'route' | 'domain'>;

function descriptionOf(
  { identify, routes }: SpanTools,
  span: Span,
  attributes: AttributeMap,
  service: string,
  receipts: Receipt[],
): Description {
  const route = routes.of(service, attributes, receipts)?.value ?? null;
  const sentName = isDatabase(attributes) ? databaseName(attributes) : withoutPath(span.name, attributes, route);
  const spanName = identify(sentName, 'span_name', receipts);
  const domain = domainOf({
    attribute: scalarText(attributes.get('domain')),
    hasDbSystem: attributes.has('db.system.name'),
    route,
    prefix: [span.scope.name, spanName],
  });
  return { spanName, route, domain };
}

/** One word, as operations and tables are; anything longer may be a statement. */
const word = /^[\p{L}_][\p{L}\p{N}_.$-]{0,63}$/u;

/** `<operation> <collection>`, never the sender's name, which may hold a statement (design §4). */
function databaseName(attributes: AttributeMap): string {
  const wordOf = (key: string): string | undefined => {
    const value = scalarText(attributes.get(key));
    if (value === undefined) return undefined;
    return word.test(value) ? value : otherValue;
  };
  const operation = wordOf('db.operation.name');
  const collection = wordOf('db.collection.name');
  const parts = [operation, collection].filter((part) => part !== undefined);
  return parts.length > 0 ? parts.join(' ') : (wordOf('db.system.name') ?? otherValue);
}

/** Senders without a router name spans by the resolved path; its place is taken by the route. */
function withoutPath(name: string, attributes: AttributeMap, route: string | null): string {
  const path = scalarText(attributes.get('url.path'));
  if (path === undefined || path.length < 2 || path === route) return name;
  return name.replaceAll(path, route ?? otherValue);
}

/** No attribute of a span is stored; those that are personal or secret leave a receipt. */
function forbiddenAttributes(attributes: AttributeMap, { judgeKey }: SpanTools): Receipt[] {
  const receipts: Receipt[] = [];
  for (const key of attributes.keys()) {
    const { isForbidden, name } = judgeKey(key);
    if (isForbidden) receipts.push({ outcome: 'dropped', reason: 'forbidden_key', name });
  }
  return receipts;
}
