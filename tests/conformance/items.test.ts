import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

/** What an OTLP receiver owes its senders, item by item: transport, metrics, logs, spans, real senders. */
const items: Readonly<Record<number, string>> = {
  1: 'gRPC',
  2: 'HTTP',
  3: 'JSON',
  4: 'success',
  5: 'partial success',
  6: 'retry',
  7: 'authentication',
  8: 'health',
  9: 'stream identity',
  10: 'cumulative sums',
  11: 'duplicates and order',
  12: 'minutes of an interval',
  13: 'gauges and non-monotonic sums',
  14: 'no recorded value',
  15: 'values that are no numbers',
  16: 'explicit histograms',
  17: 'exponential histograms',
  18: 'summaries',
  19: 'kinds, units and one source',
  20: 'exemplars',
  21: 'merging',
  22: 'time of points',
  23: 'severity',
  24: 'time and event of logs',
  25: 'body of logs',
  26: 'trace context and exceptions',
  27: 'which spans are kept',
  28: 'route and status of spans',
  29: 'duration of spans',
  30: 'real senders',
};

/** Inputs with their outcomes, each tested under its name. */
const vectors = [
  ...['proto-example-metrics', 'proto-example-logs', 'proto-example-trace', 'proto-example-events'],
  ...['json-lowercamel-only', 'json-enum-name', 'json-unknown-field', 'json-null-double', 'json-int-forms', 'charset'],
  ...['empty-protobuf', 'empty-json', 'grpc-over-limit', 'grpc-unavailable-retryinfo', 'grpc-exhausted-bare'],
  ...['http-503-retry-after', 'hint-too-long', 'cum-true-reset', 'cum-unknown-start', 'cum-out-of-order'],
  ...['cum-two-writers', 'delta-dup-and-late', 'hist-bounds-change', 'exp-downscale', 'exp-zero-merge'],
  ...['rebatch-after-kill', 'identical-logs'],
];

const files = readdirSync(import.meta.dirname).filter((name) => /^\d\d-.+\.test\.ts$/.test(name));
const numberOf = (file: string): number => Number(file.slice(0, 2));

describe('the conformance suite', () => {
  it.each(Object.entries(items))('has a file for item %s: %s', (number) => {
    expect(files.map(numberOf)).toContain(Number(number));
  });

  it('has no file that belongs to no item', () => {
    expect(files.filter((file) => items[numberOf(file)] === undefined)).toEqual([]);
  });

  it.each(vectors)('tests the vector %s under its name', (vector) => {
    const named = new RegExp(`(?:describe|it)[^\\n]*\\('vector (?:\\d+, )?${vector}\\b`);
    const texts = files.map((file) => readFileSync(`${import.meta.dirname}/${file}`, 'utf8'));
    expect(texts.some((text) => named.test(text))).toBe(true);
  });
});
