import { domainOf } from '@command-center/contract/domain';
import { textOutputBytes } from '@command-center/contract/redaction/limits';
import { text } from '@command-center/contract/redaction/redact';
import { SPAN_ID_BYTES, TRACE_ID_BYTES } from '@command-center/contract/traceContext';
import type { LogRecord, Resource } from '../decode/records.ts';
import { type AttributeMap, renamedAttributes, scalarText } from './attributes.ts';
import type { CuratedLog, Curation, Receipt } from './curated.ts';
import {
  canonicalAttributes,
  canonicalBytes,
  canonicalValue,
  passingDigestOf,
  resourceDigest,
  scopeDigest,
} from './digest.ts';
import { sentMsOf } from './glance.ts';
import { keptAttributes, renamedLogKey, withBodyFields } from './logAttributes.ts';
import { readBody } from './logBody.ts';
import { addMasks, type Identify, type KeyJudgement } from './recall.ts';
import type { RouteReader } from './routes.ts';
import { type Sender, UNKNOWN_SERVICE } from './sender.ts';
import { levelOf } from './severity.ts';
import { timeProblem } from './times.ts';
import { notedIdOf, saysSampled } from './traceContext.ts';

export interface LogTools {
  readonly senderOf: (resource: Resource) => Sender;
  readonly identify: Identify;
  readonly judgeKey: (key: string) => KeyJudgement;
  readonly routes: RouteReader;
  /** False = no message text is stored at all. */
  readonly keepsMessages: boolean;
  readonly nowMs: () => number;
}

/** Log records through the contract: WARN and above, redacted, attributes by allowlist (contract.md §2, §3). */
export function createLogCurator(tools: LogTools): (record: LogRecord) => Curation<CuratedLog> {
  return (record) => {
    const sender = tools.senderOf(record.resource);
    const sentMs = sentMsOf(record);
    const badTime = sentMs === undefined ? undefined : timeProblem(sentMs, tools.nowMs());
    if (badTime !== undefined) return sender.refuse('rejected', badTime);
    const level = levelOf(record);
    if (level === 'below_warn' || level === 'unknown_severity') return sender.refuse('dropped', level);
    const service = sender.service ?? UNKNOWN_SERVICE;
    const receipts: Receipt[] = [...sender.receipts];
    if (sentMs === undefined) receipts.push({ outcome: 'noted', reason: 'timeless', name: '' });
    const traceId = notedIdOf(record.traceId, TRACE_ID_BYTES, receipts);
    const spanId = notedIdOf(record.spanId, SPAN_ID_BYTES, receipts);
    const value: CuratedLog = {
      ...contentOf(tools, record, service, receipts),
      digest: recordDigest(record, traceId, spanId),
      tsMs: sentMs ?? Math.floor(tools.nowMs()),
      level,
      service,
      traceId,
      spanId,
      isSampled: traceId === null || saysSampled(record.flags),
      isTimeless: sentMs === undefined,
    };
    return { outcome: 'kept', value, receipts };
  };
}

type Content = Pick<CuratedLog, 'event' | 'domain' | 'message' | 'attributes'>;

function contentOf(tools: LogTools, record: LogRecord, service: string, receipts: Receipt[]): Content {
  const { identify, routes, keepsMessages } = tools;
  const own = renamedAttributes(record.attributes, renamedLogKey);
  const body = readBody(record.body);
  const attributes = withBodyFields(own, body.fields);
  const event = identify(eventOf(record, own), 'event', receipts);
  // A log often carries what it failed on as a path; only its route may be looked at.
  const route = routes.of(service, attributes, [])?.value;
  const domain = domainOf({
    attribute: scalarText(attributes.get('domain')),
    hasDbSystem: attributes.has('db.system.name'),
    route,
    prefix: [record.scope.name, event],
  });
  const sent = body.message === '' ? (scalarText(own.get('exception.message')) ?? '') : body.message;
  const message = keepsMessages ? redactedMessage(sent, receipts) : withheld(sent, receipts);
  return { event, domain, message, attributes: keptAttributes(attributes, tools, receipts) };
}

/** otlp-conformance item 24. */
function eventOf(record: LogRecord, attributes: AttributeMap): string {
  const sent = record.eventName === '' ? undefined : record.eventName;
  return sent ?? scalarText(attributes.get('event.name')) ?? scalarText(attributes.get('event')) ?? record.scope.name;
}

function redactedMessage(message: string, receipts: Receipt[]): string {
  const redacted = text(message);
  addMasks(receipts, redacted.rules, 'message');
  if (message.length > textOutputBytes) receipts.push({ outcome: 'noted', reason: 'text_cut', name: 'message' });
  return redacted.value;
}

function withheld(message: string, receipts: Receipt[]): string {
  if (message !== '') receipts.push({ outcome: 'dropped', reason: 'message_withheld', name: 'message' });
  return '';
}

/** Resource, scope and own content: what tells a record from every other but its equals (design §5). */
function recordDigest(record: LogRecord, traceId: string | null, spanId: string | null): string {
  const { timeUnixNano, observedTimeUnixNano, severityNumber, severityText, eventName, flags } = record;
  const fixed = `${timeUnixNano}:${observedTimeUnixNano}:${severityNumber}:${flags}:`;
  const text = canonicalValue(severityText) + canonicalValue(eventName);
  const ids = canonicalId(record.traceId, traceId) + canonicalId(record.spanId, spanId);
  const content = canonicalValue(record.body) + canonicalAttributes(record.attributes);
  return passingDigestOf(resourceDigest(record.resource) + scopeDigest(record.scope) + fixed + text + ids + content);
}

/** `hex`: of the bytes, where they are an id. */
function canonicalId(bytes: Uint8Array, hex: string | null): string {
  return hex === null ? canonicalValue(bytes) : canonicalBytes(hex);
}
