import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runDecodeBench } from './decode.bench.ts';
import { decodeJson } from './json.ts';
import { decodeProtobuf } from './protobuf.ts';
import { trees } from './testing/arbitrary.ts';
import { encodeJson } from './testing/encodeJson.ts';
import { encodeProtobuf } from './testing/encodeProtobuf.ts';
import { plainRecords } from './testing/plainRecords.ts';
import { flatten } from './testing/trees.ts';

describe('both encodings give the same records (OTLP 1.11)', () => {
  for (const signal of ['metrics', 'logs', 'traces'] as const) {
    it(`${signal}: protobuf`, () => {
      fc.assert(
        fc.property(trees[signal], (tree) => {
          const request = decodeProtobuf(signal, encodeProtobuf(signal, tree));
          expect({ ...request, records: plainRecords(request) }).toEqual({
            signal,
            records: flatten(signal, tree),
            spoiled: [],
            values: expect.any(Number),
          });
        }),
      );
    });

    it(`${signal}: JSON`, () => {
      fc.assert(
        fc.property(trees[signal], (tree) => {
          const request = decodeJson(signal, Buffer.from(encodeJson(signal, tree)));
          expect({ ...request, records: plainRecords(request) }).toEqual({
            signal,
            records: flatten(signal, tree),
            spoiled: [],
            values: expect.any(Number),
          });
        }),
      );
    });
  }
});

describe('the decode bench', () => {
  it('decodes every item by each decoder', () => {
    const results = runDecodeBench({ items: 20, cpuMs: 1 });
    expect(results.map(({ kind, check }) => [kind, check])).toEqual(
      ['number points', 'explicit histograms', 'exponential histograms', 'log records', 'spans'].map((kind) => [
        kind,
        [20, 20, 20],
      ]),
    );
  });
});
