import { definitions } from '../catalogue/catalogue.ts';
import type { MetricDefinition, NameDefinition, SourceDefinition } from '../catalogue/definition.ts';
import type { GoldenSignal, Selector, Tab } from '../catalogue/entry.ts';
import { isLabelKey, type LabelKey } from '../labels.ts';
import type { FileMetric } from './schema.ts';

/** Where a metric is shown when nothing else is said. */
const tabOf: Readonly<Record<GoldenSignal, Tab>> = {
  latency: 'golden_signals',
  traffic: 'golden_signals',
  errors: 'golden_signals',
  saturation: 'infrastructure',
  voice: 'voice',
  metadata: 'metadata',
};

/** Kept by every metric, so that a list of labels may name them or not. */
export const labelsOfAll: readonly string[] = ['service.name', 'deployment.environment.name'];

/** The built-in definitions with those of a file over them; what the file says has been checked (meaning.ts). */
export function definitionsWith(metrics: readonly FileMetric[]): readonly MetricDefinition[] {
  const changes = new Map(metrics.map((metric) => [metric.name, metric]));
  const builtIn = definitions.map((definition) => {
    const change = changes.get(definition.name);
    changes.delete(definition.name);
    return change === undefined ? definition : overridden(definition, change);
  });
  return [...builtIn, ...[...changes.values()].map(added)];
}

/** Aliases of a built-in metric are one more source of it, heard where the others are silent. */
function overridden(definition: MetricDefinition, change: FileMetric): MetricDefinition {
  const { labels, merge, signal, tab, signed, description } = change;
  return {
    ...definition,
    ...(labels === undefined ? {} : { labels: labelKeysOf(labels) }),
    ...(merge === undefined ? {} : { merge }),
    ...(signal === undefined ? {} : { signal }),
    ...(tab === undefined ? {} : { tab }),
    ...(signed === undefined ? {} : { isSigned: signed }),
    ...(description === undefined ? {} : { description }),
    sources: [...definition.sources, ...sourcesOf(change, definition.unit, [])],
  };
}

function added(metric: FileMetric): MetricDefinition {
  const { name, kind, unit, signal, merge, tab, labels, signed, description } = metric;
  if (kind === undefined || unit === undefined || signal === undefined) throw new Error(`${name} was not checked`);
  return {
    name,
    kind,
    unit,
    merge: merge ?? 'sum',
    signal,
    tab: tab ?? tabOf[signal],
    labels: labelKeysOf(labels ?? []),
    isSigned: signed ?? false,
    description: description ?? '',
    sources: sourcesOf(metric, unit, [{ name }]),
  };
}

function labelKeysOf(labels: readonly string[]): LabelKey[] {
  return labels.filter((key) => isLabelKey(key)).filter((key) => !labelsOfAll.includes(key));
}

/** Names are alternatives, one of which counts; those with labels of their own are parts of one whole, all of which count. */
function sourcesOf(metric: FileMetric, unit: string, own: readonly NameDefinition[]): SourceDefinition[] {
  const aliases = (metric.aliases ?? []).map((alias): NameDefinition & { isPart: boolean } => ({
    name: alias.name,
    ...(alias.unit === undefined ? {} : { unit: alias.unit }),
    ...(alias.factor === undefined ? {} : { factor: alias.factor }),
    ...(alias.where === undefined ? {} : { selectors: alias.where.map(selectorOf) }),
    ...(alias.labels === undefined ? {} : { fixedLabels: alias.labels }),
    isPart: alias.labels !== undefined,
  }));
  const names = [...own, ...aliases.filter(({ isPart }) => !isPart)];
  const parts = aliases.filter(({ isPart }) => isPart);
  const sources = [
    { id: names[0]?.name ?? '', unit, names },
    { id: `parts of ${metric.name}`, unit, names: parts, isSplit: true },
  ];
  return sources.filter((source) => source.names.length > 0).map((instrument) => ({ instrument }));
}

function selectorOf({ key, equals, at_least: atLeast, present }: SelectorOfFile): Selector {
  return {
    key,
    ...(equals === undefined ? {} : { equals }),
    ...(atLeast === undefined ? {} : { atLeast }),
    ...(present === undefined ? {} : { present }),
  };
}

type SelectorOfFile = NonNullable<NonNullable<FileMetric['aliases']>[number]['where']>[number];
