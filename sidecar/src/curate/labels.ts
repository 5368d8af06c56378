import type { Mapping, Selector } from '@command-center/contract/catalogue/entry';
import {
  enumerated,
  hasOwnForm,
  type LabelKey,
  type Labels,
  maxErrorTypes,
  otherValue,
} from '@command-center/contract/labels';
import { type AttributeMap, scalarText } from './attributes.ts';
import type { Receipt } from './curated.ts';
import type { Identify } from './recall.ts';

/** A label's value in the form that its key asks for: listed values and codes by their list, others as identifiers; undefined = no such label. */
export function labelValue(
  key: string,
  attributes: AttributeMap,
  identify: Identify,
  receipts: Receipt[],
): string | undefined {
  const sent = scalarText(attributes.get(key));
  if (sent === undefined) return undefined;
  if (!hasOwnForm(key)) return identify(sent, key, receipts);
  const value = enumerated(key, sent);
  if (value === otherValue && sent !== otherValue)
    receipts.push({ outcome: 'noted', reason: 'unlisted_value', name: key });
  return value;
}

/** Whether a point has what the mapping selects on (contract.md §1). */
export function isSelected(attributes: AttributeMap, selectors: readonly Selector[]): boolean {
  return selectors.every(({ key, equals, atLeast, present }) => {
    const value = scalarText(attributes.get(key));
    if (present !== undefined && (value !== undefined) !== present) return false;
    if (equals !== undefined && value !== equals) return false;
    return atLeast === undefined || (value !== undefined && Number(value) >= atLeast);
  });
}

/**
 * Bounds `error.type`: the first 20 values of a metric keep their name, later ones become `_OTHER` (contract.md §1). Known values live as long
 * as the process: after a restart, or in another sidecar, the first 20 may be others, which the label budget then bounds.
 */
export function createErrorTypes(): (metricName: string, value: string, receipts: Receipt[]) => string {
  // One entry a metric of the catalogue, so bounded by it.
  const byMetric = new Map<string, Set<string>>();
  return (metricName, value, receipts) => {
    const known = byMetric.get(metricName) ?? new Set<string>();
    byMetric.set(metricName, known);
    if (value === otherValue || known.has(value)) return value;
    if (known.size >= maxErrorTypes) {
      receipts.push({ outcome: 'noted', reason: 'error_type_limit', name: metricName });
      return otherValue;
    }
    known.add(value);
    return value;
  };
}

/** What the labels of all targets of one point are made of; each value is read once. */
export interface LabelSource {
  readonly service: string;
  readonly environment: string | undefined;
  /** Asked for only where a target has a route. */
  readonly route: () => string;
  readonly value: (key: LabelKey) => string | undefined;
  readonly errorType: (metricName: string, value: string) => string;
}

/** The labels of one target: its own subset of the registry and nothing else (contract.md §4, "Labels"). */
export function targetLabels({ target, fixedLabels }: Mapping, source: LabelSource): Labels {
  const labels: Record<string, string> = {};
  for (const key of target.labels) {
    const value = fixedLabels[key] ?? sourceValue(key, target.name, source);
    if (value !== undefined) labels[key] = value;
  }
  return labels;
}

function sourceValue(key: LabelKey, metricName: string, source: LabelSource): string | undefined {
  if (key === 'service.name') return source.service;
  if (key === 'deployment.environment.name') return source.environment;
  if (key === 'http.route') return source.route();
  const value = source.value(key);
  return key === 'error.type' && value !== undefined ? source.errorType(metricName, value) : value;
}
