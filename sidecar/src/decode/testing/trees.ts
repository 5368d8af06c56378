import type { KeyValue, LogRecord, Metric, Point, Resource, Scope, Signal, Span } from '../records.ts';

type Without<T, Field extends PropertyKey> = T extends unknown ? Omit<T, Field> : never;

export type BarePoint = Without<Point, 'metric'>;
export type BareLog = Omit<LogRecord, 'resource' | 'scope'>;
export type BareSpan = Omit<Span, 'resource' | 'scope'>;

export interface MetricTree extends Omit<Metric, 'resource' | 'scope'> {
  readonly points: readonly BarePoint[];
}

export interface ScopeTree<Item> extends Scope {
  readonly items: readonly Item[];
}

export interface ResourceTree<Item> {
  readonly attributes: readonly KeyValue[];
  readonly scopes: readonly ScopeTree<Item>[];
}

/** A request as OTLP nests it: the form that tests encode and that a decoder must flatten. */
export interface Trees {
  readonly metrics: readonly ResourceTree<MetricTree>[];
  readonly logs: readonly ResourceTree<BareLog>[];
  readonly traces: readonly ResourceTree<BareSpan>[];
}

/** The records that decoding a tree must give. */
export function flatten<S extends Signal>(signal: S, tree: Trees[S]): readonly (Point | LogRecord | Span)[];
export function flatten(_signal: Signal, tree: Trees[Signal]): readonly (Point | LogRecord | Span)[] {
  return tree.flatMap(({ attributes, scopes }) => {
    const resource: Resource = { attributes };
    return scopes.flatMap(({ items, ...scope }) =>
      items.flatMap((item: MetricTree | BareLog | BareSpan): (Point | LogRecord | Span)[] => {
        if (!('points' in item)) return [{ resource, scope, ...item }];
        const { points, ...metric } = item;
        return points.map((point) => ({ ...point, metric: { resource, scope, ...metric } }));
      }),
    );
  });
}
