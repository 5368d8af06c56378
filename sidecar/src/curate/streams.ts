import type { Catalogue } from '@command-center/contract/catalogue/catalogue';
import type { Mapping } from '@command-center/contract/catalogue/entry';
import { type LabelKey, labelsKey, otherValue, overflowLabels, renamedKey } from '@command-center/contract/labels';
import type { KeyValue, Metric, SentStream } from '../decode/records.ts';
import { type AttributeMap, renamedAttributes, scalarText } from './attributes.ts';
import { createClaims } from './claims.ts';
import type { Receipt, SourceClaim, Subject, Target } from './curated.ts';
import { resourceDigest } from './digest.ts';
import { createErrorTypes, isSelected, type LabelSource, labelValue, targetLabels } from './labels.ts';
import { MAX_ATTRIBUTES, MAX_RECALLED_TARGETS } from './limits.ts';
import type { MetricPlan } from './metricPlan.ts';
import { type Identify, type KeyJudgement, Recall } from './recall.ts';
import type { RouteReader } from './routes.ts';
import { type Sender, UNKNOWN_SERVICE } from './sender.ts';

const OVERFLOW = 'otel.metric.overflow';

export interface PointTools {
  readonly catalogue: Catalogue;
  readonly senderOf: (resource: Metric['resource']) => Sender;
  readonly identify: Identify;
  readonly judgeKey: (key: string) => KeyJudgement;
  readonly routes: RouteReader;
  readonly nowMs: () => number;
}

/** Where a stream's points go: the same for each of them. */
export interface Placement {
  readonly subject: Subject;
  readonly targets: readonly Target[];
  /** Whether its route was guessed from a resolved path, which may meet a route that is learned later. */
  readonly isGuessed: boolean;
}

/** Which series a stream feeds, under which labels (contract.md §1, §4). Streams with equal labels share their targets, claims and subject. */
export function createPlacer(tools: PointTools): (stream: SentStream, plan: MetricPlan) => Placement {
  const claimsOf = createClaims(tools.catalogue.mappings);
  const errorTypes = createErrorTypes();
  const shared = createShared();
  return (stream, plan) => {
    const { metric } = stream;
    const sent = stream.attributes;
    const sender = tools.senderOf(metric.resource);
    const attributes = renamedAttributes(sent);
    const receipts: Receipt[] = [...sender.receipts];
    const { service, source, hasGuessedRoute } = labelSource(tools, sender, attributes, receipts, errorTypes);
    const isOverflow = attributes.get(OVERFLOW) === true;
    const resource = resourceDigest(metric.resource);
    const targets = new Map<string, Target>();
    for (const mapping of plan.mappings) {
      const key = `${mapping.target.name} ${mapping.instrument}`;
      if (targets.has(key) || !isSelected(attributes, mapping.selectors)) continue;
      const labels = isOverflow ? overflowLabels : targetLabels(mapping, source);
      const claims = claimsOf(mapping, service, resource);
      targets.set(key, shared.target({ labels, labelsKey: labelsKey(labels), claims }, mapping));
    }
    receipts.push(...droppedLabels(sent, plan.readKeys, tools));
    if (metric.kind === 'summary') {
      receipts.push({ outcome: 'dropped', reason: 'summary_quantiles_dropped', name: metric.name });
    }
    const subject = shared.subject({ service, name: metric.name, receipts });
    return { subject, targets: [...targets.values()], isGuessed: hasGuessedRoute() };
  };
}

interface Shared {
  target(parts: Pick<Target, 'labels' | 'labelsKey' | 'claims'>, mapping: Mapping): Target;
  subject(subject: Subject): Subject;
}

/** One object for equal targets, claims and subjects, so that what is worked out for one serves all streams that have it. */
function createShared(): Shared {
  const targets = new Recall<Target>(MAX_RECALLED_TARGETS);
  const claims = new Recall<SourceClaim>(MAX_RECALLED_TARGETS);
  const subjects = new Recall<Subject>(MAX_RECALLED_TARGETS);
  const sharedClaim = (claim: SourceClaim): SourceClaim => {
    const key = `${claim.holder}\n${claim.metricName}\n${claim.source}`;
    return claims.get(key) ?? claims.set(key, claim);
  };
  return {
    target: (parts, { target: entry, field }) => {
      const own = parts.claims.map(sharedClaim);
      const rivals = own.map(({ holder, source }) => `${holder}\n${source}`).join('\n');
      const key = `${entry.name}\n${field}\n${rivals}\n${parts.labelsKey}`;
      return targets.get(key) ?? targets.set(key, { ...parts, entry, field, claims: own, memo: undefined });
    },
    subject: (subject) => {
      const { service, name, receipts } = subject;
      const key = JSON.stringify([service, name, receipts]);
      return subjects.get(key) ?? subjects.set(key, subject);
    },
  };
}

function labelSource(
  { identify, routes }: PointTools,
  sender: Sender,
  attributes: AttributeMap,
  receipts: Receipt[],
  errorTypes: ReturnType<typeof createErrorTypes>,
): { service: string; source: LabelSource; hasGuessedRoute: () => boolean } {
  // The spanmetrics connector may write the service on the point.
  const service = sender.service ?? labelValue('service.name', attributes, identify, receipts) ?? UNKNOWN_SERVICE;
  const values = new Map<LabelKey, string | undefined>();
  let isGuessed = false;
  let route: string | undefined;
  const source: LabelSource = {
    service,
    environment: sender.environment,
    route() {
      if (route !== undefined) return route;
      const read = routes.of(service, attributes, receipts);
      isGuessed = read?.isFromPath === true;
      route = read?.value ?? otherValue;
      return route;
    },
    value(key) {
      if (!values.has(key)) values.set(key, labelValue(key, attributes, identify, receipts));
      return values.get(key);
    },
    errorType: (metricName, value) => errorTypes(metricName, value, receipts),
  };
  return { service, source, hasGuessedRoute: () => isGuessed };
}

/** "Everything else is silently dropped and counted" (contract.md §1); under the name as sent, which may itself hold what is forbidden. */
function droppedLabels(
  attributes: readonly KeyValue[],
  readKeys: ReadonlySet<string>,
  { judgeKey }: PointTools,
): Receipt[] {
  return attributes
    .slice(0, MAX_ATTRIBUTES)
    .filter(({ key, value }) => !readKeys.has(renamedKey(key)) && scalarText(value) !== undefined)
    .map(({ key }) => {
      const { isForbidden, name } = judgeKey(key);
      return { outcome: 'dropped', reason: isForbidden ? 'forbidden_key' : 'label_dropped', name };
    });
}
