import { hasOwnForm, isLabelKey, renamedKey } from '@command-center/contract/labels';
import { text } from '@command-center/contract/redaction/redact';
import type { KeyValue } from '../decode/records.ts';
import { type AttributeMap, scalarText } from './attributes.ts';
import type { Receipt } from './curated.ts';
import { labelValue } from './labels.ts';
import { MAX_ATTRIBUTES, MAX_LOG_ATTRIBUTE_CHARACTERS, MAX_LOG_ATTRIBUTES } from './limits.ts';
import { addMasks, type Identify, type KeyJudgement } from './recall.ts';
import type { RouteReader } from './routes.ts';

/** Kept beside the labels (contract.md §2); everything else is dropped, `actor_id` above all. */
const allowed = new Set([
  ...['exception.type', 'request_id', 'target', 'code.function.name', 'duration_ms'],
  ...['action', 'target_type', 'policy_outcome'],
]);

/** Read for the record's other columns, hence neither kept as an attribute nor counted as dropped. */
const readElsewhere = new Set(['domain', 'event', 'event.name', 'url.path', 'exception.message', 'db.system.name']);

/** Free text; the others are identifiers, whose bare numbers and hex are templated away. */
const proseKeys = new Set(['request_id', 'target']);

/** Log keys without a dot are the application's own words, not older names of semantic conventions. */
export function renamedLogKey(key: string): string {
  return key.includes('.') ? renamedKey(key) : key;
}

export interface AttributeTools {
  readonly identify: Identify;
  readonly judgeKey: (key: string) => KeyJudgement;
  readonly routes: Pick<RouteReader, 'template'>;
}

export type LogAttributes = Readonly<Record<string, string | number | boolean>>;

/** The allowlisted attributes of a log record, redacted, at most 16 of 200 characters; each drop leaves a receipt. */
export function keptAttributes(attributes: AttributeMap, tools: AttributeTools, receipts: Receipt[]): LogAttributes {
  const { judgeKey } = tools;
  const kept: Record<string, string | number | boolean> = {};
  let count = 0;
  for (const key of attributes.keys()) {
    if (readElsewhere.has(key)) continue;
    if (!isAllowed(key)) {
      const { isForbidden, name } = judgeKey(key);
      receipts.push({ outcome: 'dropped', reason: isForbidden ? 'forbidden_key' : 'attribute_dropped', name });
      continue;
    }
    const value = keptValue(key, attributes, tools, receipts);
    if (value === undefined) continue;
    if (count === MAX_LOG_ATTRIBUTES) {
      receipts.push({ outcome: 'dropped', reason: 'attribute_limit', name: key });
      continue;
    }
    kept[key] = value;
    count++;
  }
  return kept;
}

function isAllowed(key: string): boolean {
  return allowed.has(key) || (isLabelKey(key) && key !== 'otel.metric.overflow');
}

function keptValue(
  key: string,
  attributes: AttributeMap,
  { identify, routes }: AttributeTools,
  receipts: Receipt[],
): string | number | undefined {
  const sent = scalarText(attributes.get(key));
  if (sent === undefined) return undefined;
  if (key === 'duration_ms') {
    const duration = Number(sent);
    return Number.isFinite(duration) ? duration : undefined;
  }
  const isRoute = key === 'http.route';
  if (!isRoute && (hasOwnForm(key) || !proseKeys.has(key))) return labelValue(key, attributes, identify, receipts);
  const redacted = isRoute ? routes.template(sent) : text(sent.slice(0, MAX_LOG_ATTRIBUTE_CHARACTERS * 2));
  addMasks(receipts, redacted.rules, key);
  return redacted.value.slice(0, MAX_LOG_ATTRIBUTE_CHARACTERS).toWellFormed();
}

/** Attributes of the record first; fields of its body only where it has none of that name. */
export function withBodyFields(attributes: AttributeMap, fields: readonly KeyValue[]): AttributeMap {
  if (fields.length === 0) return attributes;
  const merged = new Map(attributes);
  for (const { key, value } of fields.slice(0, MAX_ATTRIBUTES)) {
    const stable = renamedLogKey(key);
    if (!merged.has(stable)) merged.set(stable, value);
  }
  return merged;
}
