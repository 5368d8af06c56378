import process from 'node:process';
import { decodeSketch, encodeSketch } from '@command-center/contract/sketch/codec';
import { decodeBlock } from '@command-center/sidecar/aggregate/block';
import { percentilesOf, type Window } from '@command-center/sidecar/aggregate/window';
import { buildBatch } from '@command-center/sidecar/batch/build';
import { type CuratedRequest, type Curator, curateRequest } from '@command-center/sidecar/batch/curateRequest';
import { foldDraft } from '@command-center/sidecar/batch/draft';
import { createMemory, type Memory, retire, SeriesSlot, setSeries } from '@command-center/sidecar/batch/memory';
import { knownSlotOf, seriesKey } from '@command-center/sidecar/batch/places';
import type { CuratedPoints, Curation } from '@command-center/sidecar/curate/curated';
import { DecodeError } from '@command-center/sidecar/decode/decodeError';
import { decodeJson } from '@command-center/sidecar/decode/json';
import { decodeProtobuf } from '@command-center/sidecar/decode/protobuf';
import type { DecodedRequest } from '@command-center/sidecar/decode/request';
import type { Input } from './inputs.ts';
import { problemOfLog, problemOfSpan, problemOfWindow } from './soundness.ts';

export interface Decoded {
  readonly request: DecodedRequest;
  readonly curated: CuratedRequest;
}

/** Everything behind a door but Postgres: decode, curate, aggregate, and the bytes that would be written. */
export interface Pipeline {
  /** What became of the input; throws where the product breaks a promise or breaks. */
  run(input: Input): Verdict;
  /** Starts with an empty memory, as after a restart. */
  restart(): void;
}

export type Verdict =
  | { readonly outcome: 'undecodable' }
  | { readonly outcome: 'decoded'; readonly records: number; readonly rejected: number; readonly kept: number };

/** CPU time of one input: so much however small it is (a collection of garbage, or what it undid, may fall into it), and so much a byte. */
const BASE_MS = 500;
const MICROSECONDS_A_BYTE = 4;

/** Places in a request, and never a value of it. */
const place =
  /^(request|the content of a log record|the attributes of a span|resource(Metrics|Logs|Spans)\[\d+\])[\w.[\]]*(, byte \d+)?$/;

/** undefined: the bytes are refused, in the one way that they may be. What is kept of a log record or span is read when it is curated. */
export function decodeInput(input: Input, curator: Curator): Decoded | undefined {
  const { signal, format, body } = input;
  try {
    const request = format === 'json' ? decodeJson(signal, body) : decodeProtobuf(signal, body);
    return { request, curated: curateRequest(curator, request) };
  } catch (error) {
    if (error instanceof DecodeError && place.test(error.where)) return undefined;
    throw error;
  }
}

export function createPipeline(curator: Curator): Pipeline {
  const counted = counting(curator);
  let memory = createMemory(1);
  return {
    restart: () => {
      retire(memory);
      memory = createMemory(1);
    },
    run: (input) => {
      const before = process.threadCpuUsage();
      const verdict = runOnce(counted, memory, input);
      const { user, system } = process.threadCpuUsage(before);
      const spentMs = (user + system) / 1_000;
      const allowedMs = BASE_MS + (input.body.length * MICROSECONDS_A_BYTE) / 1_000;
      if (spentMs > allowedMs) throw new Error(`${input.body.length} bytes took ${spentMs} ms of ${allowedMs}`);
      return verdict;
    },
  };
}

interface Counting extends Curator {
  readonly counts: { kept: number; dropped: number; rejected: number };
}

function counting(curator: Curator): Counting {
  const counts = { kept: 0, dropped: 0, rejected: 0 };
  const count = <T>(curation: Curation<T>): Curation<T> => {
    counts[curation.outcome]++;
    return curation;
  };
  return {
    counts,
    points: (table) => {
      const points = curator.points(table);
      for (const [{ outcome }, refused] of points.refusals) counts[outcome] += refused;
      counts.kept += keptOf(points);
      return points;
    },
    log: (record) => count(curator.log(record)),
    span: (span) => count(curator.span(span)),
  };
}

function keptOf({ streams }: CuratedPoints): number {
  return streams.reduce((kept, stream) => (stream === undefined ? kept : kept + 1), 0);
}

function runOnce(curator: Counting, memory: Memory, input: Input): Verdict {
  Object.assign(curator.counts, { kept: 0, dropped: 0, rejected: 0 });
  const decoded = decodeInput(input, curator);
  if (decoded === undefined) return { outcome: 'undecodable' };
  const { request, curated } = decoded;
  const { kept, dropped, rejected } = curator.counts;
  const records = request.records.length + request.spoiled.length;
  expectEqual('kept, dropped, rejected and spoiled', kept + dropped + rejected + request.spoiled.length, records);
  expectEqual('records handed on', keptOf(curated.points) + curated.logs.length + curated.spans.length, kept);
  expectEqual('records counted as rejected', total(curated.rejected), rejected + request.spoiled.length);
  for (const { log } of curated.logs) expectSound('log', problemOfLog(log));
  for (const span of curated.spans) expectSound('span', problemOfSpan(span));
  return { outcome: 'decoded', records, rejected: aggregated(memory, curated), kept };
}

/** Builds the batch and all that would be written of it; gives the records rejected in the end. */
function aggregated(memory: Memory, curated: CuratedRequest): number {
  for (const stream of curated.points.streams)
    for (const target of stream?.targets ?? []) {
      if (knownSlotOf(memory, target) !== undefined) continue;
      const slot = { overflowId: null, fromMinuteMs: -Infinity, isOverflow: false, askedAtMs: 0 };
      setSeries(memory, seriesKey(target), new SeriesSlot({ id: memory.series.size + 1, ...slot }));
    }
  const { draft, rejected } = buildBatch(memory, [curated], new Set(), Number.NEGATIVE_INFINITY);
  for (const cell of draft.windows.values()) expectSound('window', writtenWindowProblem(cell.finish()));
  for (const slot of draft.opened) {
    const { streams } = draft.nodeOf(slot);
    expectEqual('streams of a block read back', decodeBlock(streams.encode()).size, streams.size);
  }
  foldDraft(memory, draft);
  return total(rejected[0] ?? new Map());
}

function writtenWindowProblem(window: Window): string | undefined {
  if (window.spans !== null) decodeSketch(encodeSketch(window.spans));
  return problemOfWindow({ ...window, ...percentilesOf(window) });
}

function total(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}

function expectEqual(what: string, got: number, expected: number): void {
  if (got !== expected) throw new Error(`${what}: ${got} in place of ${expected}`);
}

function expectSound(what: string, problem: string | undefined): void {
  if (problem !== undefined) throw new Error(`an unsound ${what}: ${problem}`);
}
