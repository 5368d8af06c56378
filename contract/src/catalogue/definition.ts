import type { LabelKey } from '../labels.ts';
import type { GoldenSignal, Kind, Merge, Selector, Tab } from './entry.ts';

/** A name of an instrument, as senders write it. */
export interface NameDefinition {
  readonly name: string;
  /** Assumed when the sender names no unit; the instrument's where left out. */
  readonly unit?: string;
  /** What its values are multiplied with, beside the conversion of their unit. */
  readonly factor?: number;
  readonly selectors?: readonly Selector[];
  readonly fixedLabels?: Readonly<Partial<Record<LabelKey, string>>>;
}

/** One way of measuring a metric. */
export interface InstrumentDefinition {
  readonly id: string;
  /** The unit its values are turned into. */
  readonly unit: string;
  /** Alternatives, best first; with `isSplit` they are parts of one whole and all count. */
  readonly names: readonly NameDefinition[];
  readonly isSplit?: boolean;
}

/** An instrument in the service of a metric. */
export interface SourceDefinition {
  readonly instrument: InstrumentDefinition;
  /** `count`: the number of a histogram's events feeds a counter. */
  readonly field?: 'value' | 'count';
  /** Beside those of the name. More than one list = a point that matches any of them counts; they must exclude each other. */
  readonly selectors?: readonly (readonly Selector[])[];
}

export interface MetricDefinition {
  readonly name: string;
  readonly kind: Kind;
  readonly unit: string;
  readonly merge: Merge;
  readonly signal: GoldenSignal;
  readonly tab: Tab;
  /** Beside service.name and deployment.environment.name. */
  readonly labels: readonly LabelKey[];
  readonly isSigned?: boolean;
  readonly description: string;
  /** Best first; one of them counts. */
  readonly sources: readonly SourceDefinition[];
}

/** An instrument with one name. */
export function single(name: string, unit: string): InstrumentDefinition {
  return { id: name, unit, names: [{ name }] };
}

/** An instrument with several names, best first; a name may carry its own unit. */
export function renamed(unit: string, ...names: readonly (string | NameDefinition)[]): InstrumentDefinition {
  const definitions = names.map((name) => (typeof name === 'string' ? { name } : name));
  return { id: definitions[0]?.name ?? '', unit, names: definitions };
}

type Brief = Pick<MetricDefinition, 'name' | 'unit' | 'signal' | 'tab' | 'description'> &
  Partial<Pick<MetricDefinition, 'labels' | 'sources'>>;

/** Where nothing else is said, a metric comes under its own name only. */
function complete(brief: Brief, kind: Kind, merge: Merge): MetricDefinition {
  return { labels: [], sources: [{ instrument: single(brief.name, brief.unit) }], ...brief, kind, merge };
}

export const counter = (brief: Brief): MetricDefinition => complete(brief, 'counter', 'sum');
export const histogram = (brief: Brief): MetricDefinition => complete(brief, 'histogram', 'sum');
/** `sum`: the values of several streams add up (two pods with 3 connections are 6). */
export const gauge = (merge: Merge, brief: Brief): MetricDefinition => complete(brief, 'gauge', merge);
