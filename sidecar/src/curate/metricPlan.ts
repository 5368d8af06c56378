import type { Catalogue } from '@command-center/contract/catalogue/catalogue';
import type { Mapping } from '@command-center/contract/catalogue/entry';
import { factorOf } from '@command-center/contract/catalogue/units';
import type { ReasonCode } from '@command-center/contract/reasons';
import type { Metric } from '../decode/records.ts';
import type { StreamKind } from './curated.ts';
import { ownerDigest } from './digest.ts';
import { isKindOf, lacksTemporality, streamKindOf } from './pointChecks.ts';

/** What the contract says of a metric that it knows, looked up once for all its streams. */
export interface MetricPlan {
  readonly outcome: 'kept';
  readonly mappings: readonly Mapping[];
  readonly factor: number;
  readonly streamKind: StreamKind;
  readonly isSigned: boolean;
  readonly owner: string;
  /** Attributes that labels, selectors and routes read; all others count as dropped. */
  readonly readKeys: ReadonlySet<string>;
}

export type Plan = MetricPlan | { readonly outcome: 'dropped' | 'rejected'; readonly reason: ReasonCode };

export function makePlan(catalogue: Catalogue, metric: Metric): Plan {
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
    readKeys: new Set([...labels, ...selected, ...paths, 'otel.metric.overflow']),
  };
}
