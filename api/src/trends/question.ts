import type { Catalogue } from '@command-center/contract/catalogue/catalogue';
import type { CatalogueEntry } from '@command-center/contract/catalogue/entry';
import { type BadParameter, badParameter } from '../requests/window.ts';
import { overflowKey } from './overflow.ts';

export type Where = Readonly<Record<string, string | true>>;

export interface TrendQuestion {
  readonly metrics: readonly { readonly entry: CatalogueEntry; readonly where: Where }[];
  readonly by: string | undefined;
}

/** Resolves what /trends was asked for against the catalogue: metrics by any of their names, labels that every one of them keeps. */
export function questionOf(
  parameters: {
    readonly metric: readonly string[];
    readonly where: readonly string[];
    readonly by?: string | undefined;
  },
  catalogue: Catalogue,
): { readonly question: TrendQuestion } | { readonly refusal: BadParameter } {
  const named: { entry: CatalogueEntry; implied: Where }[] = [];
  for (const name of parameters.metric) {
    const entry = catalogue.entryOf(catalogue.canonicalName(name) ?? '');
    if (entry === undefined) {
      return {
        refusal: badParameter('metric', 'metric must name a metric of the contract; docs/contract.md lists them.'),
      };
    }
    named.push({ entry, implied: impliedBy(name, entry, catalogue) });
  }
  if (named.length === 0) return { refusal: badParameter('metric', 'metric must be given at least once.') };
  const keeps = (key: string): boolean =>
    key === overflowKey || named.every(({ entry }) => entry.labels.some((label) => label === key));
  const whose = named.map(({ entry }) => entry.name).join(' and ');
  if (parameters.by !== undefined && !keeps(parameters.by)) {
    return { refusal: badParameter('by', `by must be a label that ${whose} keeps.`) };
  }
  const read = conditionsOf(parameters.where, keeps, whose);
  if ('refusal' in read) return read;
  const metrics = named.map(({ entry, implied }) => ({ entry, where: { ...implied, ...read.where } }));
  return { question: { metrics, by: parameters.by } };
}

function conditionsOf(
  conditions: readonly string[],
  keeps: (key: string) => boolean,
  whose: string,
): { readonly where: Where } | { readonly refusal: BadParameter } {
  const where: Record<string, string | true> = {};
  for (const condition of conditions) {
    const [, key = '', value = ''] = /^([^:]+):(.+)$/s.exec(condition) ?? [];
    if (!keeps(key)) {
      return { refusal: badParameter('where', `where must be <label>:<value> with a label that ${whose} keeps.`) };
    }
    if (Object.hasOwn(where, key)) return { refusal: badParameter('where', `where may name ${key} only once.`) };
    if (key === overflowKey && value !== 'true') {
      return { refusal: badParameter('where', `where=${overflowKey} can only be true.`) };
    }
    where[key] = key === overflowKey ? true : value;
  }
  return { where };
}

/** Labels that an alias stands for: `kaiku_db_pool_connections_idle` asks for the idle connections alone. */
function impliedBy(name: string, entry: CatalogueEntry, catalogue: Catalogue): Where {
  return (
    catalogue.mappingsOf(name).find((mapping) => mapping.target.name === entry.name && mapping.field === 'value')
      ?.fixedLabels ?? {}
  );
}
