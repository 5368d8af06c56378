import type { Mapping } from '@command-center/contract/catalogue/entry';
import type { SourceClaim } from './curated.ts';

/** Which competitions a mapping takes part in ("One source counts", contract.md §4). */
export type ClaimsOf = (mapping: Mapping, service: string, resource: string) => readonly SourceClaim[];

/** Ranks are the catalogue's alone; the database stores only who held a minute. */
export function createClaims(mappings: readonly Mapping[]): ClaimsOf {
  const names = ranking(mappings, (mapping) => [mapping.instrument, mapping.incoming, mapping.nameRank]);
  const instruments = ranking(mappings, ({ target, instrument, instrumentRank }) => [
    target.name,
    instrument,
    instrumentRank,
  ]);
  return (mapping, service, resource) => {
    const claims: SourceClaim[] = [];
    if (mapping.instrumentNames > 1) {
      claims.push({
        holder: `resource:${resource}`,
        metricName: mapping.instrument,
        source: mapping.incoming,
        rankOf: names(mapping.instrument),
        memo: undefined,
      });
    }
    if (mapping.targetInstruments > 1) {
      claims.push({
        holder: `service:${service}`,
        metricName: mapping.target.name,
        source: mapping.instrument,
        rankOf: instruments(mapping.target.name),
        memo: undefined,
      });
    }
    return claims;
  };
}

/** For each competition the rank of its sources. */
function ranking(
  mappings: readonly Mapping[],
  describe: (mapping: Mapping) => readonly [competition: string, source: string, rank: number],
): (competition: string) => (source: string) => number {
  const ranks = new Map<string, Map<string, number>>();
  for (const mapping of mappings) {
    const [competition, source, rank] = describe(mapping);
    const sources = ranks.get(competition) ?? new Map<string, number>();
    ranks.set(competition, sources.set(source, rank));
  }
  const functions = new Map(
    [...ranks].map(
      ([competition, sources]) => [competition, (source: string) => sources.get(source) ?? Infinity] as const,
    ),
  );
  const unknown = (): number => Infinity;
  return (competition) => functions.get(competition) ?? unknown;
}
