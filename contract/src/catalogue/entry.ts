import type { LabelKey } from '../labels.ts';

export type Kind = 'counter' | 'gauge' | 'histogram';
export type GoldenSignal = 'latency' | 'traffic' | 'errors' | 'saturation' | 'voice' | 'metadata';
export type Tab = 'golden_signals' | 'voice' | 'infrastructure' | 'metadata';

/** How the streams of one gauge series merge (design §4). `sum` = additive gauge; counters and histograms always add. */
export type Merge = 'sum' | 'max' | 'min' | 'last';

/** A metric the contract knows, under its one canonical name. */
export interface CatalogueEntry {
  readonly name: string;
  readonly kind: Kind;
  /** UCUM, as OpenTelemetry writes it: `s`, `By`, `1`, `{request}`. */
  readonly unit: string;
  readonly merge: Merge;
  readonly signal: GoldenSignal;
  readonly tab: Tab;
  /** The labels it keeps, service and environment included. */
  readonly labels: readonly LabelKey[];
  /** Whether values below zero are legal in this histogram. */
  readonly isSigned: boolean;
  readonly description: string;
}

/** A condition on one attribute of the point as sent, after older keys were renamed (`renamedKey`). */
export interface Selector {
  readonly key: string;
  readonly equals?: string;
  /** Compares a number, or a string that is one. */
  readonly atLeast?: number;
  readonly present?: boolean;
}

/** One way in which an incoming metric feeds a canonical one (contract.md §4: aliases, selectors, derived metrics). */
export interface Mapping {
  /** The metric's name as sent. */
  readonly incoming: string;
  readonly target: CatalogueEntry;
  /** `count`: an incoming histogram's count feeds a counter. */
  readonly field: 'value' | 'count';
  /** The unit assumed when the sender names none. */
  readonly unit: string;
  /** Canonical-unit factor for each unit the sender may name; read it through `factorOf` (units.ts), which knows UCUM annotations. */
  readonly factors: Readonly<Record<string, number>>;
  /** All must match; empty = every point. Points that match no mapping of their metric are dropped and counted. */
  readonly selectors: readonly Selector[];
  /** Labels that this name stands for (`kaiku_db_pool_connections_idle` is state idle). */
  readonly fixedLabels: Readonly<Partial<Record<LabelKey, string>>>;
  /** Names of one instrument compete per resource; lower wins. */
  readonly instrument: string;
  readonly nameRank: number;
  /** How many names of the instrument compete: 1 = no competition, no claim. */
  readonly instrumentNames: number;
  /** Instruments compete per service for the target; lower wins. */
  readonly instrumentRank: number;
  /** How many instruments feed the target: 1 = no competition, no claim. */
  readonly targetInstruments: number;
}
