import type { KeyValue, Temporality } from './records.ts';

/** A record under construction: its fields arrive in any order. */
export type Draft<T> = { -readonly [Field in keyof T]: T[Field] };

/** What has no attributes shares this one. */
export const noAttributes: readonly KeyValue[] = Object.freeze([]);

/** What has no id shares this one. */
export const noBytes: Uint8Array = new Uint8Array(0);

/** AggregationTemporality (metrics.proto); numbers to come read as unspecified. */
export function temporalityOf(value: number): Temporality {
  if (value === 1) return 'delta';
  return value === 2 ? 'cumulative' : 'unspecified';
}
