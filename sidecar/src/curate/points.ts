import type { Catalogue } from '@command-center/contract/catalogue/catalogue';
import type { Mapping } from '@command-center/contract/catalogue/entry';
import { factorOf } from '@command-center/contract/catalogue/units';
import { type LabelKey, labelsKey, otherValue, overflowLabels, renamedKey } from '@command-center/contract/labels';
import type { ReasonCode } from '@command-center/contract/reasons';
import type { Metric, Point } from '../decode/records.ts';
import { type AttributeMap, renamedAttributes, scalarText } from './attributes.ts';
import { createClaims } from './claims.ts';
import type { CuratedPoint, Curation, Receipt, StreamKind, Target } from './curated.ts';
import { ownerDigest, resourceDigest, streamDigest } from './digest.ts';
import { createErrorTypes, isSelected, type LabelSource, labelValue, targetLabels } from './labels.ts';
import { MAX_ATTRIBUTES, MAX_RECALLED_STREAMS } from './limits.ts';
import { isKindOf, isStaleMarker, lacksTemporality, streamKindOf, valueProblem } from './pointChecks.ts';
import { type Identify, type KeyJudgement, Recall } from './recall.ts';
import type { RouteReader } from './routes.ts';
import { type Sender, UNKNOWN_SERVICE } from './sender.ts';
import { timeProblem } from './times.ts';

const OVERFLOW = 'otel.metric.overflow';

export interface PointTools {
  readonly catalogue: Catalogue;
  readonly senderOf: (resource: Metric['resource']) => Sender;
  readonly identify: Identify;
  readonly judgeKey: (key: string) => KeyJudgement;
  readonly routes: RouteReader;
  readonly nowMs: () => number;
}

/** What the contract says of a metric, looked up once for all its points. */
type Plan =
  | { readonly outcome: 'dropped' | 'rejected'; readonly reason: ReasonCode }
  | {
      readonly outcome: 'kept';
      readonly mappings: readonly Mapping[];
      readonly factor: number;
      readonly streamKind: StreamKind;
      readonly isSigned: boolean;
      readonly owner: string;
      /** Attributes that labels, selectors and routes read; all others count as dropped. */
      readonly readKeys: ReadonlySet<string>;
    };

/** Where a stream's points go: the same for each of them. */
interface Placement {
  readonly service: string;
  readonly targets: readonly Target[];
  readonly receipts: readonly Receipt[];
}

/** Metric points through the contract: which series they feed, under which labels, from which stream (contract.md §1, §4). */
export function createPointCurator(tools: PointTools): (point: Point) => Curation<CuratedPoint> {
  const plans = new WeakMap<Metric, Plan>();
  const placements = new Recall<Placement>(MAX_RECALLED_STREAMS);
  const place = createPlacer(tools);
  const planOf = (metric: Metric): Plan => {
    const known = plans.get(metric);
    if (known !== undefined) return known;
    const plan = makePlan(tools.catalogue, metric);
    plans.set(metric, plan);
    return plan;
  };
  return (point) => {
    const { metric } = point;
    const refuse = (outcome: 'dropped' | 'rejected', reason: ReasonCode): Curation<CuratedPoint> => ({
      outcome,
      reason,
      service: tools.senderOf(metric.resource).service ?? UNKNOWN_SERVICE,
      name: tools.identify(metric.name, '', []),
      receipts: [],
    });
    // Time comes before everything: what is too old is the sender's loss, whatever it is called.
    const isMarker = isStaleMarker(point);
    const badTime = timeProblem(point.timeUnixNano, tools.nowMs());
    if (badTime !== undefined) return isMarker ? refuse('dropped', 'no_recorded_value') : refuse('rejected', badTime);
    const plan = planOf(metric);
    if (plan.outcome !== 'kept') {
      // Nothing of a marker is checked, so nothing of it can be refused.
      const isExcused = isMarker && plan.outcome === 'rejected';
      return isExcused ? refuse('dropped', 'no_recorded_value') : refuse(plan.outcome, plan.reason);
    }
    const badValue = isMarker ? undefined : valueProblem(point);
    if (badValue !== undefined) return refuse('rejected', badValue);
    const stream = streamDigest(point);
    const known = placements.get(stream);
    const { placement, isLasting } = known === undefined ? place(point, plan) : { placement: known, isLasting: false };
    if (isLasting) placements.set(stream, placement);
    if (placement.targets.length === 0) return { ...refuse('dropped', 'not_selected'), service: placement.service };
    const { streamKind, isSigned, factor, owner } = plan;
    const { service, targets, receipts } = placement;
    return {
      outcome: 'kept',
      value: { point, service, streamKind, isSigned, factor, owner, stream, targets },
      receipts,
    };
  };
}

function makePlan(catalogue: Catalogue, metric: Metric): Plan {
  const known = catalogue.mappingsOf(metric.name);
  if (known.length === 0) return { outcome: 'dropped', reason: 'not_in_contract' };
  const ofKind = known.filter((mapping) => isKindOf(mapping, metric));
  const [first] = ofKind;
  if (first === undefined) return { outcome: 'rejected', reason: 'wrong_kind' };
  // All mappings of a name turn it into the unit of one instrument.
  const factor = factorOf(first, metric.unit);
  if (factor === undefined) return { outcome: 'rejected', reason: 'wrong_unit' };
  if (lacksTemporality(metric)) return { outcome: 'rejected', reason: 'no_temporality' };
  const labels = ofKind.flatMap(({ target }): readonly string[] => target.labels);
  const selected = ofKind.flatMap(({ selectors }) => selectors.map(({ key }) => key));
  const paths = labels.includes('http.route') ? ['url.path'] : [];
  return {
    outcome: 'kept',
    mappings: ofKind,
    factor,
    streamKind: streamKindOf(metric, first.target),
    isSigned: ofKind.some(({ target }) => target.isSigned),
    owner: ownerDigest(metric),
    readKeys: new Set([...labels, ...selected, ...paths, OVERFLOW]),
  };
}

type KeptPlan = Extract<Plan, { outcome: 'kept' }>;

function createPlacer(
  tools: PointTools,
): (point: Point, plan: KeptPlan) => { placement: Placement; isLasting: boolean } {
  const claimsOf = createClaims(tools.catalogue.mappings);
  const errorTypes = createErrorTypes();
  return (point, plan) => {
    const { metric } = point;
    const sender = tools.senderOf(metric.resource);
    const attributes = renamedAttributes(point.attributes);
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
      targets.set(key, { entry: mapping.target, labels, labelsKey: labelsKey(labels), field: mapping.field, claims });
    }
    receipts.push(...droppedLabels(point, plan.readKeys, tools));
    if (metric.kind === 'summary') {
      receipts.push({ outcome: 'dropped', reason: 'summary_quantiles_dropped', name: metric.name });
    }
    // A path may meet a route that is learned later.
    return { placement: { service, targets: [...targets.values()], receipts }, isLasting: !hasGuessedRoute() };
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
function droppedLabels(point: Point, readKeys: ReadonlySet<string>, { judgeKey }: PointTools): Receipt[] {
  return point.attributes
    .slice(0, MAX_ATTRIBUTES)
    .filter(({ key, value }) => !readKeys.has(renamedKey(key)) && scalarText(value) !== undefined)
    .map(({ key }) => {
      const { isForbidden, name } = judgeKey(key);
      return { outcome: 'dropped', reason: isForbidden ? 'forbidden_key' : 'label_dropped', name };
    });
}
