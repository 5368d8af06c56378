import { applicationMetrics } from './application.ts';
import type { MetricDefinition, SourceDefinition } from './definition.ts';
import type { CatalogueEntry, Mapping } from './entry.ts';
import { httpMetrics } from './http.ts';
import { pipelineMetrics } from './pipeline.ts';
import { factorsTo } from './units.ts';
import { voiceMetrics } from './voice.ts';

export interface Catalogue {
  readonly entries: readonly CatalogueEntry[];
  /** Every way in which any incoming metric feeds any canonical one. */
  readonly mappings: readonly Mapping[];
  /** By canonical name. */
  entryOf(name: string): CatalogueEntry | undefined;
  /** By canonical name or alias. */
  canonicalName(nameOrAlias: string): string | undefined;
  /** Every target that a metric of this name feeds; empty = not in the contract. */
  mappingsOf(incoming: string): readonly Mapping[];
}

function entryFrom(metric: MetricDefinition): CatalogueEntry {
  const { name, kind, unit, merge, signal, tab, description } = metric;
  const labels = ['service.name', 'deployment.environment.name', ...metric.labels] as const;
  return { name, kind, unit, merge, signal, tab, labels, isSigned: metric.isSigned ?? false, description };
}

function mappingsFrom(metric: MetricDefinition, target: CatalogueEntry): Mapping[] {
  return metric.sources.flatMap((source, instrumentRank) =>
    source.instrument.names.flatMap((name, nameRank) =>
      (source.selectors ?? [[]]).map((selectors) => ({
        incoming: name.name,
        target,
        field: source.field ?? 'value',
        unit: name.unit ?? source.instrument.unit,
        factors: factorsTo(source.instrument.unit, name.factor),
        selectors: [...(name.selectors ?? []), ...selectors],
        fixedLabels: name.fixedLabels ?? {},
        ...ranks(source, nameRank),
        instrumentRank,
        targetInstruments: metric.sources.length,
      })),
    ),
  );
}

function ranks(
  source: SourceDefinition,
  nameRank: number,
): Pick<Mapping, 'instrument' | 'nameRank' | 'instrumentNames'> {
  const { id, names, isSplit } = source.instrument;
  if (isSplit === true) return { instrument: id, nameRank: 0, instrumentNames: 1 };
  return { instrument: id, nameRank, instrumentNames: names.length };
}

/** Turns definitions into the tables that curation and queries read. */
export function createCatalogue(metrics: readonly MetricDefinition[]): Catalogue {
  const entries = metrics.map(entryFrom);
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  const byIncoming = new Map<string, Mapping[]>();
  for (const metric of metrics) {
    const target = byName.get(metric.name);
    if (target === undefined) continue;
    for (const mapping of mappingsFrom(metric, target)) {
      const known = byIncoming.get(mapping.incoming);
      if (known === undefined) byIncoming.set(mapping.incoming, [mapping]);
      else known.push(mapping);
    }
  }
  const none: readonly Mapping[] = [];
  const mappings = (incoming: string): readonly Mapping[] => byIncoming.get(incoming) ?? none;
  return {
    entries,
    mappings: [...byIncoming.values()].flat(),
    entryOf: (name) => byName.get(name),
    mappingsOf: mappings,
    canonicalName(nameOrAlias) {
      if (byName.has(nameOrAlias)) return nameOrAlias;
      // A histogram that also feeds a counter is an alias of the histogram.
      return mappings(nameOrAlias).find((mapping) => mapping.field === 'value')?.target.name;
    },
  };
}

/** The definitions of the built-in contract (contract.md §4), in the order in which documents list them. */
export const definitions: readonly MetricDefinition[] = [
  ...httpMetrics,
  ...applicationMetrics,
  ...pipelineMetrics,
  ...voiceMetrics,
];

export const defaultCatalogue = createCatalogue(definitions);

export const catalogue: readonly CatalogueEntry[] = defaultCatalogue.entries;

/** The entry of a canonical name. */
export function entryOf(name: string): CatalogueEntry | undefined {
  return defaultCatalogue.entryOf(name);
}

/** The canonical name of a metric known under this name or alias. */
export function canonicalName(nameOrAlias: string): string | undefined {
  return defaultCatalogue.canonicalName(nameOrAlias);
}

/** Every target that an incoming metric feeds; empty = not in the contract. */
export function mappingsOf(incoming: string): readonly Mapping[] {
  return defaultCatalogue.mappingsOf(incoming);
}
