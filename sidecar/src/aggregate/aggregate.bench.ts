import process from 'node:process';
import { decodeSketch, encodeSketch } from '@command-center/contract/sketch/codec';
import { percentile } from '@command-center/contract/sketch/percentile';
import { countOf, mergeMany } from '@command-center/contract/sketch/spans';
import type { StreamKind } from '../curate/curated.ts';
import type { Point } from '../decode/records.ts';
import { decodeBlock, encodeBlock } from './block.ts';
import { type StreamState, step } from './machines.ts';
import { exponentialPoint, histogramPoint, numberPoint } from './testing/streams.ts';
import { percentilesOf, type Window } from './window.ts';
import { applyIncrement } from './windowCell.ts';

/**
 * `node sidecar/src/aggregate/aggregate.bench.ts`: points a CPU second through their streams and into their windows, for each kind of stream;
 * then what a window's row, a block and a month of sketches cost.
 */

export interface AggregateBench {
  readonly kind: string;
  /** Operations a CPU second (user and system): points, rows, blocks or merged sketches. */
  readonly perSecond: number;
  /** What the last pass added up to: the same on every machine. */
  readonly check: number;
}

export interface AggregateBenchSize {
  /** Streams of a request; each sends a point a pass. */
  readonly streams: number;
  /** CPU milliseconds a measurement is given. */
  readonly cpuMs: number;
}

interface Source {
  readonly kind: string;
  readonly streamKind: StreamKind;
  readonly entryKind: 'counter' | 'gauge' | 'histogram';
  readonly point: (stream: number, pass: number) => Point;
}

const SERIES = 100;
const PASSES = 12;
const PASS_SECONDS = 10;
const bounds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
const delta = { temporality: 'delta' } as const;
const gauge = { kind: 'gauge', temporality: 'unspecified', isMonotonic: false } as const;

const cumulativeAt = (pass: number) => ({ start: 0, time: (pass + 1) * PASS_SECONDS });
const deltaAt = (pass: number) => ({ start: pass * PASS_SECONDS, time: (pass + 1) * PASS_SECONDS });
const counts = (length: number, stream: number, pass: number): number[] =>
  Array.from({ length }, (_, bucket) => ((stream + bucket) % 7) * (pass + 1));

const sources: readonly Source[] = [
  {
    kind: 'cumulative numbers',
    streamKind: 'cumulativeNumber',
    entryKind: 'counter',
    point: (stream, pass) => numberPoint(cumulativeAt(pass), (pass + 1) * (stream % 9)),
  },
  {
    kind: 'cumulative explicit histograms',
    streamKind: 'cumulativeHistogram',
    entryKind: 'histogram',
    point: (stream, pass) => histogramPoint(cumulativeAt(pass), bounds, counts(bounds.length + 1, stream, pass)),
  },
  {
    kind: 'cumulative exponential histograms',
    streamKind: 'cumulativeHistogram',
    entryKind: 'histogram',
    point: (stream, pass) => exponentialPoint(cumulativeAt(pass), 5, -200, counts(100, stream, pass)),
  },
  {
    kind: 'delta numbers',
    streamKind: 'delta',
    entryKind: 'counter',
    point: (stream, pass) => numberPoint(deltaAt(pass), stream % 9, delta),
  },
  {
    kind: 'delta explicit histograms',
    streamKind: 'delta',
    entryKind: 'histogram',
    point: (stream, pass) => histogramPoint(deltaAt(pass), bounds, counts(bounds.length + 1, stream, 0), delta),
  },
  {
    kind: 'additive gauges',
    streamKind: 'additiveGauge',
    entryKind: 'gauge',
    point: (stream, pass) => numberPoint({ start: undefined, time: (pass + 1) * PASS_SECONDS }, stream % 9, gauge),
  },
];

export function runAggregateBench({ streams, cpuMs }: AggregateBenchSize): AggregateBench[] {
  const results: AggregateBench[] = [];
  for (const source of sources) {
    const requests = Array.from({ length: PASSES }, (_, pass) =>
      Array.from({ length: streams }, (_, stream) => source.point(stream, pass)),
    );
    const kept = replay(source, requests);
    const total = [...kept.windows.values()].reduce((sum, { sum: of, last }) => sum + (of ?? last ?? 0), 0);
    results.push({
      kind: source.kind,
      perSecond: streams * PASSES * perSecond(() => replay(source, requests), cpuMs),
      check: total,
    });
    if (source.entryKind === 'histogram') results.push(rowsBench(source.kind, kept.windows, cpuMs));
    results.push(blockBench(source.kind, kept.states, cpuMs));
  }
  results.push(monthBench(cpuMs));
  return results.map((result) => ({ ...result, perSecond: Math.round(result.perSecond) }));
}

function replay({ streamKind, entryKind, kind }: Source, requests: readonly (readonly Point[])[]) {
  const states = new Map<number, StreamState>();
  const windows = new Map<number, Window>();
  const entry = { name: kind, kind: entryKind, merge: 'sum' } as const;
  const context = { firstTimeUnixNano: undefined, factor: 1, isSigned: false };
  for (const points of requests) {
    points.forEach((point, stream) => {
      const { state, increments } = step(streamKind, states.get(stream), point, context);
      if (state !== undefined) states.set(stream, state);
      for (const increment of increments) {
        const key = (increment.minuteMs / 60_000) * SERIES + (stream % SERIES);
        windows.set(key, applyIncrement(windows.get(key), increment, entry, 'value'));
      }
    });
  }
  return { states, windows };
}

/** What each histogram row costs before it is written: its percentiles and its bytes. */
function rowsBench(kind: string, windows: ReadonlyMap<number, Window>, cpuMs: number): AggregateBench {
  let bytes = 0;
  const pass = (): void => {
    bytes = 0;
    for (const window of windows.values()) {
      percentilesOf(window);
      if (window.spans !== null) bytes += encodeSketch(window.spans).length;
    }
  };
  const perPass = perSecond(pass, cpuMs);
  return { kind: `rows of ${kind}`, perSecond: windows.size * perPass, check: bytes };
}

/** One block of 64 streams, written and read. `check` is its bytes. */
function blockBench(kind: string, states: ReadonlyMap<number, StreamState>, cpuMs: number): AggregateBench {
  const streams = new Map(
    [...states].slice(0, 64).map(([stream, state]) => [stream.toString(16).padStart(32, '0'), state]),
  );
  const rate = perSecond(() => void decodeBlock(encodeBlock(streams)), cpuMs);
  return { kind: `blocks of ${kind}`, perSecond: rate, check: encodeBlock(streams).length };
}

/** The 720 hours of 30 days, from bytes to a p95. */
function monthBench(cpuMs: number): AggregateBench {
  const hours = Array.from({ length: 720 }, (_, hour) => {
    const { windows } = replay(
      {
        kind: 'hour',
        streamKind: 'delta',
        entryKind: 'histogram',
        point: (stream, pass) => exponentialPoint(deltaAt(pass), 5, -200 + stream, counts(100, hour, pass)),
      },
      [[exponentialPoint(deltaAt(0), 5, -200 + (hour % 24), counts(100, hour, 0), 0, 0, delta)]],
    );
    return encodeSketch([...windows.values()][0]?.spans ?? { spans: [], isInexact: false });
  });
  const merge = () => mergeMany(hours.map(decodeSketch));
  const rate = perSecond(() => void percentile(merge(), 0.95), cpuMs);
  return { kind: 'months of 720 sketches', perSecond: rate, check: countOf(merge()) };
}

function perSecond(pass: () => unknown, cpuMs: number): number {
  const warm = process.cpuUsage();
  do pass();
  while (cpuMsSince(warm) < cpuMs / 3);
  const start = process.cpuUsage();
  let passes = 0;
  do {
    pass();
    passes += 1;
  } while (cpuMsSince(start) < cpuMs);
  return (passes * 1000) / cpuMsSince(start);
}

function cpuMsSince(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

if (import.meta.main) {
  const results = runAggregateBench({ streams: 1000, cpuMs: 600 });
  for (const result of results) process.stdout.write(`${JSON.stringify(result)}\n`);
  const perCpuSecond = Object.fromEntries(results.map(({ kind, perSecond: rate }) => [kind, rate]));
  process.stdout.write(`${JSON.stringify({ bench: 'aggregate', perCpuSecond })}\n`);
}
