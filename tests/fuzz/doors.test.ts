import { gzipSync } from 'node:zlib';
import { httpOk, reasons } from '@command-center/contract/reasons';
import { DecodeError } from '@command-center/sidecar/decode/decodeError';
import { decodeJson } from '@command-center/sidecar/decode/json';
import { decodeProtobuf } from '@command-center/sidecar/decode/protobuf';
import type { Signal } from '@command-center/sidecar/decode/records';
import type { DecodedRequest } from '@command-center/sidecar/decode/request';
import { trees } from '@command-center/sidecar/decode/testing/arbitrary';
import { encodeJson } from '@command-center/sidecar/decode/testing/encodeJson';
import { encodeProtobuf } from '@command-center/sidecar/decode/testing/encodeProtobuf';
import type { Door } from '@command-center/sidecar/receive/door';
import { startHttpDoor } from '@command-center/sidecar/receive/httpDoor';
import { recordingExporter, recordingOptions } from '@command-center/sidecar/receive/testing/recordingExporter';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mutate, mutations } from './mutations.ts';

/** One seed for all: a failure prints it with the path that replays it. */
const seed = 20_261_124;
const signals = ['metrics', 'logs', 'traces'] as const satisfies readonly Signal[];

interface Case {
  readonly signal: Signal;
  readonly protobuf: Buffer;
  readonly json: Buffer;
}

function caseOf<S extends Signal>(signal: S): fc.Arbitrary<Case> {
  return fc.tuple(trees[signal], mutations).map(([tree, list]) => ({
    signal,
    protobuf: mutate(encodeProtobuf(signal, tree), list),
    json: mutate(Buffer.from(encodeJson(signal, tree)), list),
  }));
}

const cases = fc.oneof(...signals.map(caseOf));

/** Decodes, or gives undefined where the bytes are refused in the one way that they may be. */
function decoded(decode: () => DecodedRequest): DecodedRequest | undefined {
  try {
    return decode();
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    expect(error.code).toBe('undecodable');
    expect(error.where).toMatch(/^(request|resource(Metrics|Logs|Spans)\[\d+\])[\w.[\]]*(, byte \d+)?$/);
    return undefined;
  }
}

describe('mutated bodies', () => {
  it('are decoded or refused as undecodable by both decoders, and by nothing else', () => {
    let refusals = 0;
    let accepted = 0;
    const tally = (request: DecodedRequest | undefined): void => {
      if (request === undefined) refusals++;
      else accepted++;
    };
    fc.assert(
      fc.property(cases, ({ signal, protobuf, json }) => {
        tally(decoded(() => decodeProtobuf(signal, protobuf)));
        tally(decoded(() => decodeJson(signal, json)));
        // The other encoding's bytes are nonsense, and answered all the same.
        decoded(() => decodeProtobuf(signal, json));
        decoded(() => decodeJson(signal, protobuf));
      }),
      { seed, numRuns: 2_000 },
    );
    expect(refusals).toBeGreaterThan(100);
    expect(accepted).toBeGreaterThan(100);
  });
});

describe('the HTTP door under mutated bodies', () => {
  const exporter = recordingExporter();
  const recording = recordingOptions();
  let door: Door;

  beforeAll(async () => {
    door = await startHttpDoor(recording.options, exporter);
  });
  afterAll(async () => {
    await door.stop(0);
  });

  const post = async (signal: Signal, type: string, body: Buffer, encoding: string): Promise<number> => {
    const response = await fetch(`http://${door.host}:${door.port}/v1/${signal}`, {
      method: 'POST',
      body: new Uint8Array(body),
      headers: { 'content-type': type, 'content-encoding': encoding },
    });
    expect(response.headers.get('content-type')).toBe(type);
    await response.arrayBuffer();
    return response.status;
  };

  it('answers each with success or undecodable, serves on, and holds no memory', async () => {
    const defined = [httpOk, reasons.undecodable.httpStatus];
    await fc.assert(
      fc.asyncProperty(cases, mutations, async ({ signal, protobuf, json }, list) => {
        const statuses = [
          await post(signal, 'application/x-protobuf', protobuf, 'identity'),
          await post(signal, 'application/json', json, 'identity'),
          await post(signal, 'application/x-protobuf', mutate(gzipSync(protobuf), list), 'gzip'),
          await post(signal, 'application/json', mutate(gzipSync(json), list), 'deflate'),
        ];
        for (const status of statuses) expect(defined).toContain(status);
      }),
      { seed, numRuns: 150 },
    );
    expect(exporter.reservedBytes).toBe(0);
    expect(recording.logged).toEqual([]);
    expect(await post('logs', 'application/json', Buffer.from('{}'), 'identity')).toBe(httpOk);
  });
});
